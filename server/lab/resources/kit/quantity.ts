/** Resource quantities (`500m`, `64Mi`, `1.5`), as apimachinery's api/resource: exact decimal numbers with a canonical text. */
export interface Quantity {
  /** In units of 1e-9. */
  nano: bigint
  format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$/

/** The server's message for a text that is no quantity. */
export const QUANTITY_MESSAGE = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Parses a quantity (a JSON number counts as its text); null where it is none. Finer digits than 1e-9 round up, as the server's. */
export function parseQuantity(value: unknown): Quantity | null {
  const match = PATTERN.exec(typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '')
  if (match === null) return null
  const [, sign, whole = '', fraction = '', suffix = ''] = match
  if (whole === '' && fraction === '') return null
  const digits = BigInt(`${whole}${fraction}`)
  let scaled: { value: bigint; power: number }
  let format: Quantity['format'] = 'DecimalSI'
  if (suffix.endsWith('i')) {
    format = 'BinarySI'
    scaled = { value: digits * 1024n ** BigInt(BINARY.indexOf(suffix)), power: -fraction.length }
  } else if (/^[eE]./.test(suffix)) {
    format = 'DecimalExponent'
    scaled = { value: digits, power: Number(suffix.slice(1)) - fraction.length }
  } else scaled = { value: digits, power: (DECIMAL[suffix] as number) - fraction.length }
  const power = scaled.power + 9
  if (Math.abs(power) > 400) return null
  const nano = power >= 0 ? scaled.value * 10n ** BigInt(power) : divideUp(scaled.value, 10n ** BigInt(-power))
  return { nano: sign === '-' ? -nano : nano, format }
}

function divideUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by
}

/** The canonical text: no fraction, the largest suffix that allows for it (Quantity.String). */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const size = nano < 0n ? -nano : nano
  if (format === 'BinarySI' && size >= 1024n * 10n ** 9n && size % 10n ** 9n === 0n) {
    let value = size / 10n ** 9n
    let step = 0
    while (value % 1024n === 0n && step < BINARY.length - 1) {
      value /= 1024n
      step++
    }
    return `${sign}${value}${BINARY[step]}`
  }
  let power = -9
  let value = size
  while (value % 1000n === 0n && power < 18) {
    value /= 1000n
    power += 3
  }
  if (format === 'DecimalExponent') return power === 0 ? `${sign}${value}` : `${sign}${value}e${power}`
  const suffix = Object.entries(DECIMAL).find(([, each]) => each === power)?.[0] ?? ''
  return `${sign}${value}${suffix}`
}

/** Canonical text of a quantity; what is none stays as it is, for validation to name it. */
export function canonicalQuantity(value: unknown): unknown {
  const quantity = parseQuantity(value)
  return quantity === null ? value : formatQuantity(quantity)
}

/** A quantity as a number, for sums of requests: `500m` is 0.5, `1Ki` 1024. NaN where it is none. */
export function quantityNumber(value: unknown): number {
  const quantity = parseQuantity(value)
  return quantity === null ? NaN : Number(quantity.nano) / 1e9
}
