/**
 * The terminal of a lab in this page: one xterm for all its panes, moved to the one that is on stage. It outlives slides, so nothing is
 * drawn anew on the way from one to the next.
 */
import type { ITerminalOptions, Terminal } from '@xterm/xterm'
import { actionOf, typedAfter, type KeyAction } from './keys.ts'
import { xtermTheme } from './palette.ts'

/** Hangul takes exactly two cells of Latin in this one: the file with Latin letters comes first in the deck's font-face rules. */
export const TERMINAL_FONT = "'Nanum Gothic Coding', monospace"
/** The most that a line's height is over the font size, as in the deck's design; rows stand closer where the pane is low. */
export const LINE_HEIGHT = 1.38
/** Width of a cell over the font size. */
export const CELL_WIDTH = 0.5

export interface ScreenOptions {
  cols: number
  rows: number
  onInput(data: string): void
  /** So many characters are parsed, and the screen may have more. */
  onWritten(characters: number): void
}

export interface LabScreen {
  /** What keys do to the slides, and whether this page may type. Set by the pane on stage. */
  keys: { canType(): boolean; act(action: KeyAction): void }
  /** The element to put into a pane; empty until the fonts are there. */
  readonly element: HTMLElement
  /** Begins anew with this output. */
  show(data: string): void
  write(data: string): void
  resize(cols: number, rows: number): void
  /** Draws cells that fit into a box of CSS pixels, measured at the scale at which the element is drawn. Resolves once the size is final. */
  fit(width: number, height: number): Promise<void>
  focus(): void
  blur(): void
  /** A step begins: the line that a person may have begun is not theirs any more. */
  forgetTyped(): void
  /** The text of the visible rows, without trailing blanks. */
  text(): string[]
}

/** Resolves when the terminal's faces can be measured. A face that does not load is no reason to show nothing. */
async function facesLoaded(): Promise<void> {
  const faces = ['400', '700'].map((weight) => document.fonts.load(`${weight} 20px ${TERMINAL_FONT}`, 'A한'))
  await Promise.allSettled(faces)
  await document.fonts.ready
}

export function createScreen(options: ScreenOptions): LabScreen {
  const element = document.createElement('div')
  element.className = 'lab-terminal'
  let typed = false
  let size = { cols: options.cols, rows: options.rows }
  let pending: { reset: boolean; data: string } = { reset: false, data: '' }
  let terminal: Terminal | null = null

  async function open(): Promise<Terminal> {
    const [{ Terminal: Xterm }] = await Promise.all([import('@xterm/xterm'), import('@xterm/xterm/css/xterm.css'), facesLoaded()])
    const settings: ITerminalOptions = {
      ...size,
      fontFamily: TERMINAL_FONT,
      scrollback: 2000,
      cursorBlink: false,
      cursorInactiveStyle: 'outline',
      theme: xtermTheme(getComputedStyle(document.documentElement)),
      allowProposedApi: true,
      drawBoldTextInBrightColors: false,
    }
    const opened = new Xterm(settings)
    opened.open(element)
    opened.textarea?.setAttribute('aria-label', '랩 터미널')
    opened.attachCustomKeyEventHandler((event) => handleKey(opened, event))
    opened.onRender(() => tellWrapped(opened))
    opened.onData((data) => {
      if (!screen.keys.canType()) return
      typed = typedAfter(data, typed)
      options.onInput(data)
    })
    terminal = opened
    if (pending.data) opened.write(pending.data, () => options.onWritten(pending.data.length))
    return opened
  }

  /** Which of the rows on the screen go on with the row above: what a reader of the page cannot see from its text. */
  function tellWrapped(opened: Terminal): void {
    const buffer = opened.buffer.active
    const rows = Array.from({ length: opened.rows }, (_, row) => row)
    element.dataset.wrapped = rows.filter((row) => buffer.getLine(buffer.viewportY + row)?.isWrapped).join(' ')
  }

  function handleKey(opened: Terminal, event: KeyboardEvent): boolean {
    const action = actionOf(event, {
      canType: screen.keys.canType(),
      typed,
      alternateScreen: opened.buffer.active.type === 'alternate',
      hasSelection: opened.hasSelection(),
    })
    if (action === 'shell') return true
    if (action === 'browser') return false
    if (event.type === 'keydown') screen.keys.act(action)
    event.preventDefault()
    return false
  }

  let opening: Promise<Terminal> | null = null
  const ready = (): Promise<Terminal> => (opening ??= open())

  const screen: LabScreen = {
    keys: { canType: () => false, act: () => {} },
    element,
    show(data) {
      typed = false
      if (!terminal) {
        pending = { reset: true, data }
        return
      }
      terminal.reset()
      terminal.write(data, () => options.onWritten(data.length))
    },
    write(data) {
      if (terminal) terminal.write(data, () => options.onWritten(data.length))
      else pending.data += data
    },
    resize(cols, rows) {
      size = { cols, rows }
      terminal?.resize(cols, rows)
    },
    async fit(width, height) {
      const opened = await ready()
      const drawn = element.querySelector<HTMLElement>('.xterm-screen')
      if (!drawn) return
      // the face's own height of a line, which xterm takes for 1
      Object.assign(opened.options, { fontSize: 100, lineHeight: 1 })
      const natural = drawn.offsetHeight / size.rows / 100
      let fontSize = Math.min(width / (size.cols * CELL_WIDTH), height / (size.rows * natural))
      // cells are rounded to whole device pixels, so what should fit is tried, and made smaller until it does
      for (let attempt = 0; attempt < 24; attempt++) {
        const lineHeight = Math.max(1, Math.min(LINE_HEIGHT / natural, height / (size.rows * natural * fontSize)))
        Object.assign(opened.options, { fontSize, lineHeight })
        if (drawn.offsetWidth <= width && drawn.offsetHeight <= height) return
        fontSize -= Math.max(0.1, fontSize * (1 - Math.min(1, width / drawn.offsetWidth)))
      }
    },
    focus: () => terminal?.focus(),
    blur: () => terminal?.blur(),
    forgetTyped() {
      typed = false
    },
    text() {
      const buffer = terminal?.buffer.active
      return Array.from(
        { length: buffer ? size.rows : 0 },
        (_, row) => buffer?.getLine(buffer.viewportY + row)?.translateToString(true) ?? '',
      )
    },
  }
  return screen
}
