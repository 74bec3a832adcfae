/** How many columns characters take on a terminal: Hangul and its like take two, marks that stand on others none. */

const MARK = /^[\p{Mn}\p{Me}\p{Cf}]$/u

/** First and last code points of wide characters (Unicode's East Asian Width W and F), the gaps between neighbours closed. */
const WIDE: [from: number, to: number][] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]

/** Columns of one character. */
export function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x300) return code < 0x20 ? 0 : 1
  if (MARK.test(character)) return 0
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1
}

export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

/** A text's characters as a person counts them: what Backspace takes away at once. */
export function charactersOf(text: string): string[] {
  const characters: string[] = []
  for (const character of text) {
    if (columnsOf(character) === 0 && character >= '\u0300' && characters.length > 0) characters[characters.length - 1] += character
    else characters.push(character)
  }
  return characters
}
