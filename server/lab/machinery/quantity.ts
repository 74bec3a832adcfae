/** Kubernetes quantities as numbers: `50m` is 0.05, `64Mi` 67108864. */
const SUFFIXES: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** NaN where it is no quantity. */
export function parseQuantity(quantity: string | number | undefined): number {
  if (typeof quantity === 'number') return quantity
  const match = /^([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)(?:([eE][+-]?\d+)|(\w*))$/.exec(quantity ?? '')
  if (!match) return Number.NaN
  if (match[2]) return Number(`${match[1]}${match[2]}`)
  const factor = SUFFIXES[match[3] ?? '']
  return factor === undefined ? Number.NaN : Number(match[1]) * factor
}
