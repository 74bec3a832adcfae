/** Lists of resources (`{cpu: 500m, pods: 3}`), as apiserver's quota/v1 and component-helpers' resource reckon with them: exact, formats kept. */
import { formatQuantity, parseQuantity, type Quantity } from './quantity.ts'

export type ResourceList = Record<string, string>

const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' }

export function quantityOf(value: unknown): Quantity {
  return parseQuantity(value) ?? ZERO
}

/** Negative, 0 or positive, as Quantity.Cmp. */
export function compareQuantities(a: unknown, b: unknown): number {
  const difference = quantityOf(a).nano - quantityOf(b).nano
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}

/** Zero takes the other's format, as Quantity.Add. */
function sum(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format }
}

export function addLists(a: ResourceList, b: ResourceList): ResourceList {
  const total = { ...a }
  for (const [name, value] of Object.entries(b)) {
    total[name] = name in a ? formatQuantity(sum(quantityOf(a[name]), quantityOf(value))) : value
  }
  return total
}

/** The larger of each resource. */
export function largest(a: ResourceList, b: ResourceList): ResourceList {
  const most = { ...a }
  for (const [name, value] of Object.entries(b)) if (!(name in a) || compareQuantities(value, a[name]) > 0) most[name] = value
  return most
}

/** `a` less `b`, nothing below zero (SubtractWithNonNegativeResult). */
export function subtractLists(a: ResourceList, b: ResourceList): ResourceList {
  const rest: ResourceList = {}
  for (const [name, value] of Object.entries(a)) {
    const { nano, format } = quantityOf(value)
    const left = nano - quantityOf(b[name]).nano
    rest[name] = formatQuantity({ nano: left < 0n ? 0n : left, format })
  }
  return rest
}

export function withoutZeros(list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => quantityOf(value).nano !== 0n))
}

/** Only these resources of a list. */
export function mask(list: ResourceList, names: readonly string[]): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name]) => names.includes(name)))
}
