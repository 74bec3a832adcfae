import { describe, expect, it } from 'vitest'
import { actionOf, typedAfter, type KeySituation } from '../../../components/lab/keys.ts'

const AT_PROMPT: KeySituation = { canType: true, typed: false, alternateScreen: false, hasSelection: false }
const TYPED = { ...AT_PROMPT, typed: true }
const IN_VI = { ...AT_PROMPT, alternateScreen: true }
const WATCHING = { ...AT_PROMPT, canType: false }
const SELECTED = { ...AT_PROMPT, hasSelection: true }

/** `C-` Control, `S-` Shift, `M-` Meta, `A-` Alt. */
function pressed(text: string) {
  const parts = text.split('-')
  const key = parts.pop() as string
  return { key, ctrlKey: parts.includes('C'), shiftKey: parts.includes('S'), metaKey: parts.includes('M'), altKey: parts.includes('A') }
}

describe('a key in the terminal', () => {
  it.each([
    ['PageDown', 'at the prompt', AT_PROMPT, 'next'],
    ['PageUp', 'at the prompt', AT_PROMPT, 'previous'],
    ['PageDown', 'amid a line', TYPED, 'next'],
    ['PageDown', 'in vi', IN_VI, 'next'],
    ['S-PageUp', 'at the prompt', AT_PROMPT, 'shell'],
    ['ArrowRight', 'at the prompt', AT_PROMPT, 'next'],
    ['ArrowLeft', 'at the prompt', AT_PROMPT, 'previous'],
    ['ArrowRight', 'amid a line', TYPED, 'shell'],
    ['ArrowLeft', 'amid a line', TYPED, 'shell'],
    ['ArrowRight', 'in vi', IN_VI, 'shell'],
    ['C-ArrowRight', 'at the prompt', AT_PROMPT, 'shell'],
    ['ArrowUp', 'at the prompt', AT_PROMPT, 'shell'],
    ['ArrowDown', 'at the prompt', AT_PROMPT, 'shell'],
    ['Escape', 'at the prompt', AT_PROMPT, 'leave'],
    ['Escape', 'in vi', IN_VI, 'shell'],
    ['a', 'at the prompt', AT_PROMPT, 'shell'],
    [' ', 'at the prompt', AT_PROMPT, 'shell'],
    ['Enter', 'at the prompt', AT_PROMPT, 'shell'],
    ['C-c', 'at the prompt', AT_PROMPT, 'shell'],
    ['C-c', 'with a selection', SELECTED, 'browser'],
    ['M-c', 'with a selection', SELECTED, 'browser'],
    ['C-v', 'at the prompt', AT_PROMPT, 'browser'],
    [' ', 'where nobody may type', WATCHING, 'nothing'],
    ['d', 'where nobody may type', WATCHING, 'nothing'],
    ['S-G', 'where nobody may type', WATCHING, 'nothing'],
    ['Enter', 'where nobody may type', WATCHING, 'nothing'],
    ['ArrowUp', 'where nobody may type', WATCHING, 'nothing'],
    ['ArrowRight', 'where nobody may type', WATCHING, 'next'],
    ['ArrowLeft', 'where nobody may type', WATCHING, 'previous'],
    ['S-PageUp', 'where nobody may type', WATCHING, 'shell'],
    ['Escape', 'where nobody may type', WATCHING, 'leave'],
    ['C-r', 'where nobody may type', WATCHING, 'browser'],
    ['F5', 'where nobody may type', WATCHING, 'browser'],
    ['Tab', 'where nobody may type', WATCHING, 'browser'],
    ['PageDown', 'where nobody may type', WATCHING, 'next'],
    ['Control', 'where nobody may type', WATCHING, 'shell'],
    ['C-c', 'where nobody may type but has selected', { ...WATCHING, hasSelection: true }, 'browser'],
  ] as const)('%s %s', (key, _where, situation, expected) => {
    expect(actionOf(pressed(key), situation)).toBe(expected)
  })
})

describe('a line', () => {
  it.each([
    ['is begun by a letter', 'k', false, true],
    ['is begun by Hangul', '한', false, true],
    ['is begun by a line of the history', '\x1b[A', false, true],
    ['is not begun by moving', '\x1b[C', false, false],
    ['goes on while it is edited', '\x1b[D', true, true],
    ['goes on after a deletion', '\x7f', true, true],
    ['ends with Enter', '\r', true, false],
    ['ends with ^C', '\x03', true, false],
    ['ends with ^U', '\x15', true, false],
    ['ends within a paste', 'ls\r', false, false],
    ['begins after a pasted line', 'ls\rpwd', false, true],
  ])('%s', (_what, data, before, after) => {
    expect(typedAfter(data, before)).toBe(after)
  })
})
