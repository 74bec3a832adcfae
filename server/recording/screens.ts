/** What a terminal shows at the end of each step of a recording: for the pages of the PDF, and for tests that compare a replay with a live run. */
import headless from '@xterm/headless'
import type { Cast } from '../protocol/asciicast.ts'

/** The terminal as it stands when a step has run and the next one has not begun. */
export interface StepScreen {
  step: string
  /** The row of the buffer, counted from its very first line, in which the step's command was typed. */
  commandRow: number
  /** The row of the buffer that is at the top of the screen at the end of the step. */
  topRow: number
  /** The screen's rows, without trailing blanks. */
  rows: string[]
}

/** More than any talk prints: the buffer must not forget its first line, or rows would be counted wrongly. */
const SCROLLBACK = 100_000

/** Plays a recording as fast as it can be parsed. One entry per marker, in order. */
export async function screensOf(cast: Cast): Promise<StepScreen[]> {
  const { cols, rows } = cast.header.term
  const terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK, allowProposedApi: true })
  const written = (data: string): Promise<void> => new Promise((resolve) => terminal.write(data, resolve))
  const buffer = terminal.buffer.active
  const screens: StepScreen[] = []
  let open: { step: string; commandRow: number } | null = null

  const close = (): void => {
    if (open === null) return
    const lines = Array.from(
      { length: rows },
      (_, row) =>
        buffer
          .getLine(buffer.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    )
    screens.push({ ...open, topRow: buffer.baseY, rows: lines })
  }
  for (const event of cast.events) {
    if (event.code === 'o') await written(event.data)
    if (event.code === 'm') {
      close()
      open = { step: event.step, commandRow: buffer.baseY + buffer.cursorY }
    }
  }
  close()
  terminal.dispose()
  return screens
}

/**
 * Which of a block's steps have to be printed so that the command of every step of the block stands on some page: the last one always, and before it as few
 * as possible. Returns indexes into `steps`, ascending.
 */
export function pagesOf(screens: readonly StepScreen[], steps: readonly string[]): number[] {
  const byStep = new Map(screens.map((screen) => [screen.step, screen]))
  const pages: number[] = []
  let page = steps.length - 1
  while (page >= 0) {
    pages.unshift(page)
    const top = byStep.get(steps[page] as string)?.topRow
    // a lab without a recording has one page: there is nothing that could scroll away
    if (top === undefined) break
    let next = page - 1
    while (next >= 0 && (byStep.get(steps[next] as string)?.commandRow ?? -1) >= top) next--
    page = next
  }
  return pages
}
