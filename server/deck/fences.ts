/** Finds the fenced `lab` blocks of a Markdown text, by CommonMark's rules for fences, and skips those that stand inside an HTML comment. */

/** A fenced block whose info string starts with the word `lab`. Lines count from 0 within the text that was scanned. */
export interface LabFence {
  /** The line of the opening fence. */
  line: number
  /** The line after the closing fence. */
  end: number
  /** What follows the word `lab` in the info string. */
  info: string
  /** The lines between the fences, without the opening fence's indentation. */
  lines: string[]
  /** False where the text ends before the fence is closed. */
  closed: boolean
}

const OPENING = /^( {0,3})(`{3,}|~{3,})([^`]*)$/
const LAB_INFO = /^lab(?:\s+(.*))?$/

/** Whether an HTML comment is open after this line. */
function commentOpenAfter(line: string, open: boolean): boolean {
  let at = 0
  for (;;) {
    const next = line.indexOf(open ? '-->' : '<!--', at)
    if (next < 0) return open
    at = next + (open ? 3 : 4)
    open = !open
  }
}

/** Every `lab` fence of a text, in order. */
export function findLabFences(lines: readonly string[]): LabFence[] {
  const fences: LabFence[] = []
  let inComment = false
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string
    const opening = inComment ? null : OPENING.exec(line.trimEnd())
    if (!opening) {
      inComment = commentOpenAfter(line, inComment)
      continue
    }
    const [, indent, marks, info] = opening as unknown as [string, string, string, string]
    const closing = new RegExp(`^ {0,3}\\${marks[0]}{${marks.length},}\\s*$`)
    let end = i + 1
    while (end < lines.length && !closing.test(lines[end] as string)) end++
    const lab = LAB_INFO.exec(info.trim())
    if (lab) {
      const stripped = lines.slice(i + 1, end).map((text) => text.replace(new RegExp(`^ {0,${indent.length}}`), ''))
      fences.push({
        line: i,
        end: Math.min(end + 1, lines.length),
        info: (lab[1] ?? '').trim(),
        lines: stripped,
        closed: end < lines.length,
      })
    }
    i = end
  }
  return fences
}
