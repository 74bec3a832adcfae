/**
 * Unified diffs as Python's difflib and its port to Go make them: the longest run of equal lines first, then what is left on either side of it. Which lines
 * are called equal differs from a shortest diff where whole blocks repeat, and messages have to be the same to the letter.
 */
interface Match {
  a: number
  b: number
  size: number
}

interface Edit {
  kind: ' ' | '-' | '+'
  line: string
}

/** Texts of this many lines ignore lines that are too common, as the start of a run. */
const LONG = 200

/** Without file names; `context` lines around each change. */
export function unifiedDiff(before: string[], after: string[], context: number): string {
  const edits = editsOf(before, after)
  const changed = edits.flatMap(({ kind }, index) => (kind === ' ' ? [] : [index]))
  let text = ''
  for (let i = 0; i < changed.length;) {
    const first = changed[i] as number
    let last = first
    while (i < changed.length && (changed[i] as number) - last - 1 <= 2 * context) last = changed[i++] as number
    const start = Math.max(0, first - context)
    const leading = edits.slice(0, start)
    const hunk = edits.slice(start, last + context + 1)
    const count = (list: Edit[], other: Edit['kind']): number => list.filter(({ kind }) => kind !== other).length
    text += `@@ -${range(count(leading, '+'), count(hunk, '+'))} +${range(count(leading, '-'), count(hunk, '-'))} @@\n`
    for (const { kind, line } of hunk) text += `${kind}${line}\n`
  }
  return text
}

function range(start: number, length: number): string {
  if (length === 1) return `${start + 1}`
  return length === 0 ? `${start},0` : `${start + 1},${length}`
}

function editsOf(before: string[], after: string[]): Edit[] {
  const edits: Edit[] = []
  let a = 0
  let b = 0
  for (const match of [...matches(before, after), { a: before.length, b: after.length, size: 0 }]) {
    for (; a < match.a; a++) edits.push({ kind: '-', line: before[a] as string })
    for (; b < match.b; b++) edits.push({ kind: '+', line: after[b] as string })
    for (let i = 0; i < match.size; i++) edits.push({ kind: ' ', line: before[a + i] as string })
    a += match.size
    b += match.size
  }
  return edits
}

/** Where each line of the new text stands; common lines of long texts left out. */
function placesOf(lines: string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line)
    if (known === undefined) places.set(line, [index])
    else known.push(index)
  }
  const most = Math.floor(lines.length / 100) + 1
  if (lines.length >= LONG) for (const [line, known] of places) if (known.length > most) places.delete(line)
  return places
}

function matches(before: string[], after: string[]): Match[] {
  const places = placesOf(after)
  const found: Match[] = []
  const queue: [number, number, number, number][] = [[0, before.length, 0, after.length]]
  for (let window = queue.pop(); window !== undefined; window = queue.pop()) {
    const [aFrom, aTo, bFrom, bTo] = window
    const match = longestMatch(before, after, places, window)
    if (match.size === 0) continue
    found.push(match)
    if (aFrom < match.a && bFrom < match.b) queue.push([aFrom, match.a, bFrom, match.b])
    if (match.a + match.size < aTo && match.b + match.size < bTo) queue.push([match.a + match.size, aTo, match.b + match.size, bTo])
  }
  return found.toSorted((x, y) => x.a - y.a || x.b - y.b)
}

/** The longest run of equal lines in a window, the earliest of several. */
function longestMatch(before: string[], after: string[], places: Map<string, number[]>, window: [number, number, number, number]): Match {
  const [aFrom, aTo, bFrom, bTo] = window
  let best: Match = { a: aFrom, b: bFrom, size: 0 }
  let lengths = new Map<number, number>()
  for (let a = aFrom; a < aTo; a++) {
    const next = new Map<number, number>()
    for (const b of places.get(before[a] as string) ?? []) {
      if (b < bFrom) continue
      if (b >= bTo) break
      const size = (lengths.get(b - 1) ?? 0) + 1
      next.set(b, size)
      if (size > best.size) best = { a: a - size + 1, b: b - size + 1, size }
    }
    lengths = next
  }
  let { a, b, size } = best
  while (a > aFrom && b > bFrom && before[a - 1] === after[b - 1]) [a, b, size] = [a - 1, b - 1, size + 1]
  while (a + size < aTo && b + size < bTo && before[a + size] === after[b + size]) size++
  return { a, b, size }
}
