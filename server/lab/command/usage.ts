/** A command line that says nothing that the lab can do: what is wrong, and what to type instead. */
export class UsageError extends Error {
  readonly hint: string

  constructor(message: string, hint = 'See "lab help" for usage.') {
    super(message)
    this.name = 'UsageError'
    this.hint = hint
  }
}

/** How many letters have to be changed, added or dropped to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] as number
}

/** The word that was probably meant, or null. */
function closest(word: string, words: readonly string[]): string | null {
  const near = words
    .map((each) => ({ each, far: each.startsWith(word) ? 0 : distance(word, each) }))
    .filter(({ each, far }) => far <= Math.max(2, Math.floor(each.length / 3)) && far < each.length)
    .toSorted((a, b) => a.far - b.far)
  return near[0]?.each ?? null
}

/** `unknown command "nod" for "lab"`, with the likely word below, as kubectl says it. */
export function unknownCommand(word: string, of: string, words: readonly string[]): UsageError {
  const meant = closest(word, words)
  return new UsageError(
    `unknown command ${JSON.stringify(word)} for ${JSON.stringify(of)}`,
    (meant ? `\nDid you mean this?\n\t${meant}\n\n` : '') + 'See "lab help" for usage.',
  )
}

export function noMoreThan(count: number, args: string[], usage: string): void {
  if (args.length > count) throw new UsageError(`unexpected argument ${JSON.stringify(args[count])}`, `Usage: ${usage}`)
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A duration as Go writes it, `5m` or `1h30m`, in ms. A bare number is refused: nobody knows what it counts. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text)
    throw new UsageError(`invalid duration ${JSON.stringify(text)}`, 'Expected something like 30s, 5m or 1h30m.')
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number), 0)
  if (total <= 0)
    throw new UsageError(`invalid duration ${JSON.stringify(text)}: time goes forward only`, 'Expected something like 30s, 5m or 1h30m.')
  return total
}

/** ms as `5m50s`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ]
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count}${unit}` : [])).join('') || '0s'
}

/** Columns as kubectl prints them, three spaces apart. */
export function table(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 3))).join('') + '\n')
    .join('')
}
