/** A terminal's screens as plain rows of coloured text, for print, overview and previews: a function of a recording and a step. */
import type { IBuffer, IBufferCell, Terminal } from '@xterm/xterm'
import type { CastIndex } from './cast-index.ts'
import { indexedColor } from './palette.ts'

/** A stretch of text in one style. */
export interface StillRun {
  text: string
  /** CSS colours, null for the terminal's own. */
  color: string | null
  background: string | null
  bold: boolean
  dim: boolean
  italic: boolean
  underline: boolean
}

export type StillRow = StillRun[]

function colorOf(isDefault: boolean, isRgb: boolean, value: number): string | null {
  if (isDefault) return null
  return isRgb ? `#${value.toString(16).padStart(6, '0')}` : indexedColor(value)
}

function styleOf(cell: IBufferCell): Omit<StillRun, 'text'> {
  const color = colorOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor())
  const background = colorOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor())
  const inverse = cell.isInverse() !== 0
  return {
    color: inverse ? (background ?? 'var(--term-bg)') : color,
    background: inverse ? (color ?? 'var(--term-ink)') : background,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
  }
}

function sameStyle(one: StillRun, other: Omit<StillRun, 'text'>): boolean {
  return (Object.keys(other) as (keyof typeof other)[]).every((key) => one[key] === other[key])
}

/** The rows on the screen of a buffer, without blanks that have no colour at their ends. */
export function rowsOf(buffer: IBuffer, rows: number): StillRow[] {
  return Array.from({ length: rows }, (_, row): StillRow => {
    const line = buffer.getLine(buffer.baseY + row)
    const runs: StillRow = []
    const length = line?.length ?? 0
    for (let column = 0; column < length; column++) {
      const cell = line?.getCell(column)
      // the second half of a wide character
      if (!cell || cell.getWidth() === 0) continue
      const style = styleOf(cell)
      const text = cell.getChars() || ' '
      const last = runs.at(-1)
      if (last && sameStyle(last, style)) last.text += text
      else runs.push({ text, ...style })
    }
    const end = runs.at(-1)
    if (end && end.background === null && !end.underline) end.text = end.text.trimEnd()
    return runs.filter((run) => run.text !== '')
  })
}

/** What is needed of xterm's Terminal: it is never opened, so the headless one will do. */
export type ScreenParser = Pick<Terminal, 'write' | 'buffer' | 'dispose'>

/** The screen at the end of every segment of a recording, in one pass. */
export async function stillScreens(index: CastIndex, parser: (cols: number, rows: number) => ScreenParser): Promise<StillRow[][]> {
  const { cols, rows } = index.cast.header.term
  const terminal = parser(cols, rows)
  const screens: StillRow[][] = []
  for (const segment of index.segments) {
    const output = segment.events.map(({ event }) => (event.code === 'o' ? event.data : '')).join('')
    await new Promise<void>((done) => terminal.write(output, done))
    screens.push(rowsOf(terminal.buffer.active, rows))
  }
  terminal.dispose()
  return screens
}
