export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** `a=b,c=d` in key order; `<none>` where there is none (labels.FormatLabels). */
export function formatLabels(labels: Record<string, string> | undefined): string {
  const text = Object.entries(labels ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  return text === '' ? '<none>' : text
}

/** A selector as kubectl's -l would take it, in key order: `app=web,tier in (a,b),!x` (labels.Selector String). Empty for one that selects all. */
export function selectorText(selector: LabelSelector | undefined): string {
  const terms: [string, string][] = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`])
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    const list = `(${values.toSorted().join(',')})`
    if (operator === 'In') terms.push([key, `${key} in ${list}`])
    else if (operator === 'NotIn') terms.push([key, `${key} notin ${list}`])
    else if (operator === 'Exists') terms.push([key, key])
    else if (operator === 'DoesNotExist') terms.push([key, `!${key}`])
  }
  return terms
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, text]) => text)
    .join(',')
}

/** {@link selectorText} for a column: `<none>` where nothing is selected (metav1.FormatLabelSelector). */
export function formatSelector(selector: LabelSelector | undefined): string {
  return selectorText(selector) || '<none>'
}

/** Whether labels satisfy a selector. An empty selector takes everything; none at all takes nothing (metav1.LabelSelectorAsSelector). */
export function selects(selector: LabelSelector | null | undefined, labels: Record<string, string> | undefined): boolean {
  if (selector == null) return false
  const has = labels ?? {}
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) if (has[key] !== value) return false
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const present = Object.hasOwn(has, key)
    const among = present && values.includes(has[key] as string)
    if (operator === 'In' && !among) return false
    if (operator === 'NotIn' && among) return false
    if (operator === 'Exists' && !present) return false
    if (operator === 'DoesNotExist' && present) return false
  }
  return true
}
