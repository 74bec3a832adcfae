/** A lab as the parser finds it in a deck, for tests that are about something else. */
import type { Lab, Step } from '../../../server/protocol/lab.ts'

export function stepOf(number: number, command = `command ${number}`, more: Partial<Step> = {}): Step {
  return { id: `talk.${number}`, command, keepsRunning: false, checks: [], file: 'slides.md', line: number, ...more }
}

/** The lab `talk` of one block. */
export function labOf(steps: Step[], more: Partial<Lab> = {}): Lab {
  const blocks = [{ id: 'talk/1', lab: 'talk', slide: 1, file: 'slides.md', line: 1, steps }]
  return { id: 'talk', preset: null, cols: 80, rows: 24, blocks, ...more }
}
