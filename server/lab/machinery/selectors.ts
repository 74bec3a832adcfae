/** Label selectors as objects carry them (metav1.LabelSelector). */
export { selects as matchesSelector, type LabelSelector } from '../resources/kit/labels.ts'

type Labels = Record<string, string> | undefined

/** A Service's or a ReplicationController's plain selector. An empty one matches nothing here, as controllers treat it. */
export function matchesLabels(selector: Labels, labels: Labels): boolean {
  if (!selector) return false
  const keys = Object.keys(selector)
  return keys.length > 0 && keys.every((key) => labels?.[key] === selector[key])
}

/** One requirement of a selector or of a node selector term (Gt and Lt included). */
export function matchesExpression(expression: { key: string; operator: string; values?: string[] }, labels: Labels): boolean {
  const value = labels?.[expression.key]
  const values = expression.values ?? []
  switch (expression.operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0])
    default:
      return false
  }
}
