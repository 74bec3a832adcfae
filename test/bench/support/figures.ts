/** Figures and how they are printed: the median of several measurements, with the least and the most of them. */

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export type Unit = (value: number) => string

export const ms: Unit = (value) => `${value.toFixed(value < 10 ? 2 : 0)} ms`
export const seconds: Unit = (value) => `${(value / 1000).toFixed(2)} s`
export const megabytes: Unit = (value) => `${(value / 2 ** 20).toFixed(1)} MB`
export const percent: Unit = (value) => `${value.toFixed(2)} %`

/** `0.42 s [0.40 to 0.51 s, 5 times]`, or that there is no such figure here. */
export function spread(values: readonly number[], unit: Unit): string {
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) return 'not to be had on this system'
  if (known.length === 1) return unit(known[0] as number)
  return `${unit(median(known))} [${unit(Math.min(...known))} to ${unit(Math.max(...known))}, ${known.length} times]`
}

export function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(66)} ${value}\n`)
}

/** Growth per step by least squares, in the values' own unit. */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let above = 0
  let below = 0
  values.forEach((value, i) => {
    above += (i - middle) * (value - mean)
    below += (i - middle) ** 2
  })
  return below === 0 ? 0 : above / below
}
