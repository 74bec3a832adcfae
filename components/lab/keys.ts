/**
 * Which keys go to the shell while the terminal has the focus, and which drive the slides.
 *
 * Clickers send PageDown/PageUp or the left and right arrows. PageDown and PageUp always drive the slides (with Shift they scroll the terminal).
 * Left and right drive them too, but only at an untouched prompt, where readline has no use for them: from the first character that a
 * person types until the line is sent or thrown away, they move the cursor. Up and down always belong to the shell: its history. A program that
 * takes the whole screen (vi, less) gets all keys but PageDown and PageUp, also Escape, which otherwise leaves the terminal.
 *
 * Where nobody may type (a page that may watch only, a bridge that has just gone away) the keys of a clicker go on driving the slides. What else is typed was
 * meant for the shell, and does nothing: a letter of a half-typed command must not turn the talk over.
 */

export interface TerminalKeys {
  key: string
  ctrlKey: boolean
  altKey: boolean
  metaKey: boolean
  shiftKey: boolean
}

export interface KeySituation {
  /** This page may type: a live lab and a presenter's token. */
  canType: boolean
  /** Something was typed since the last prompt. */
  typed: boolean
  /** A program has taken the whole screen. */
  alternateScreen: boolean
  hasSelection: boolean
}

/** `shell`: xterm handles it. `browser`: nobody but the browser (copy, paste, reload). `nothing`: nobody. */
export type KeyAction = 'shell' | 'browser' | 'next' | 'previous' | 'leave' | 'nothing'

export function actionOf(event: TerminalKeys, situation: KeySituation): KeyAction {
  const control = event.ctrlKey || event.metaKey
  const plain = !control && !event.altKey && !event.shiftKey
  if (control && !event.altKey && event.key.toLowerCase() === 'c' && situation.hasSelection) return 'browser'
  if (control && !event.altKey && event.key.toLowerCase() === 'v' && situation.canType) return 'browser'
  if (plain && event.key === 'PageDown') return 'next'
  if (plain && event.key === 'PageUp') return 'previous'
  if (['Control', 'Meta', 'Shift', 'Alt'].includes(event.key)) return 'shell'
  if (!situation.canType) return whereNobodyTypes(event, plain)
  if (situation.alternateScreen || !plain) return 'shell'
  if (event.key === 'Escape') return 'leave'
  if (!situation.typed && event.key === 'ArrowRight') return 'next'
  if (!situation.typed && event.key === 'ArrowLeft') return 'previous'
  return 'shell'
}

function whereNobodyTypes(event: TerminalKeys, plain: boolean): KeyAction {
  if (event.shiftKey && (event.key === 'PageDown' || event.key === 'PageUp')) return 'shell'
  if (plain && event.key === 'ArrowRight') return 'next'
  if (plain && event.key === 'ArrowLeft') return 'previous'
  if (plain && event.key === 'Escape') return 'leave'
  // reload, the address bar, full screen, the way on by Tab
  const isOfBrowser = event.ctrlKey || event.metaKey || event.altKey || event.key === 'Tab' || /^F\d+$/.test(event.key)
  return isOfBrowser ? 'browser' : 'nothing'
}

const ESCAPE = String.fromCodePoint(27)
/** An arrow or another key of the keypad, as terminals send it. */
const SEQUENCE = new RegExp(`${ESCAPE}\\[[\\d;]*[A-Za-z~]|${ESCAPE}O[A-Z]|[^]`, 'gu')
/** Enter (either form), ^C, ^D and ^U. */
const ENDS_LINE = new Set([13, 10, 3, 4, 21].map((code) => String.fromCodePoint(code)))
/** Up and down recall a line of the history. */
const RECALLS_LINE = new Set(['[A', '[B', 'OA', 'OB'].map((rest) => ESCAPE + rest))
const DELETE = 127

/** Whether a line is begun after this input: Enter, ^C, ^D and ^U end or empty it; anything printable and a recalled line begin it. */
export function typedAfter(data: string, typed: boolean): boolean {
  let begun = typed
  for (const piece of data.match(SEQUENCE) ?? []) {
    const code = piece.codePointAt(0) as number
    if (ENDS_LINE.has(piece)) begun = false
    else if (RECALLS_LINE.has(piece) || (code >= 32 && code !== DELETE)) begun = true
  }
  return begun
}
