/** Durations as Go writes them in objects: `1h2m3.5s`. */

const UNITS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** In ms; 0 for nothing, and for a text that is no duration (the API server has refused it before). */
export function milliseconds(text: string | undefined): number {
  let sum = 0
  for (const [, count, unit] of (text ?? '').matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g))
    sum += Number(count) * (UNITS[unit as string] as number)
  return text?.startsWith('-') ? -sum : sum
}

/** As Go's Duration.String of whole milliseconds: `1m30s`, `500ms`, `0s`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s'
  if (Math.abs(ms) < 1_000) return `${ms}ms`
  const seconds = (ms % 60_000) / 1_000
  const minutes = Math.trunc(ms / 60_000)
  if (minutes === 0) return `${seconds}s`
  const hours = Math.trunc(minutes / 60)
  return `${hours > 0 ? `${hours}h` : ''}${minutes % 60}m${seconds}s`
}
