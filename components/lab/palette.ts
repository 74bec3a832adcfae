/** The terminal's colours: the sixteen of ANSI, chosen for the dark ground that the terminal has in both themes. xterm.js and the still pages share them. */

/** Black to white, then their bright forms. */
const ANSI_COLORS: readonly string[] = [
  '#3A424E',
  '#FF8A8E',
  '#8FD9A8',
  '#E8CB7A',
  '#8FB0FF',
  '#C9A7F5',
  '#7FD4DE',
  '#D7DCE3',
  '#6B7685',
  '#FFB0B3',
  '#B6EBC6',
  '#F5E0A3',
  '#B5CAFF',
  '#DFC9FB',
  '#AEE6ED',
  '#FFFFFF',
]

/** Brightness of one of the cube's six levels. */
const level = (n: number): number => (n === 0 ? 0 : 55 + n * 40)

/** One of xterm's 256 colours as CSS. The six levels of the cube and the 24 greys are xterm's. */
export function indexedColor(index: number): string {
  if (index < 16) return ANSI_COLORS[index] as string
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return `rgb(${grey}, ${grey}, ${grey})`
  }
  const cube = index - 16
  return `rgb(${level(Math.floor(cube / 36))}, ${level(Math.floor(cube / 6) % 6)}, ${level(cube % 6)})`
}

/** The terminal's theme for xterm.js, its ground and ink from the deck's CSS variables. */
export function xtermTheme(style: CSSStyleDeclaration): Record<string, string | string[]> {
  const variable = (name: string, otherwise: string): string => style.getPropertyValue(name).trim() || otherwise
  const [black, red, green, yellow, blue, magenta, cyan, white] = ANSI_COLORS as string[]
  const [brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite] = ANSI_COLORS.slice(8)
  const named = { black, red, green, yellow, blue, magenta, cyan, white }
  const bright = { brightBlack, brightRed, brightGreen, brightYellow, brightBlue, brightMagenta, brightCyan, brightWhite }
  const background = variable('--term-bg', '#0E1116')
  return {
    ...(named as Record<string, string>),
    ...(bright as Record<string, string>),
    background,
    foreground: variable('--term-ink', '#D7DCE3'),
    cursor: variable('--term-ink', '#D7DCE3'),
    cursorAccent: background,
    selectionBackground: '#3D5A9E',
  }
}
