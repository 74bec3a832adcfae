/** Label selectors in MetalLB's configuration, and how its errors print them: Go's %v and %q of the struct. */
import { selects } from '../../resources/kit/labels.ts'
import type { LabelSelector } from '../../resources/kit/labels.ts'
import { ConfigError, joined, noDuplicates } from './config-error.ts'

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

function printedRequirement({ key, operator, values = [] }: Requirement, word: (text: string) => string): string {
  return `{${word(key)} ${word(operator)} [${values.map(word).join(' ')}]}`
}

function printed({ matchLabels = {}, matchExpressions = [] }: LabelSelector, word: (text: string) => string): string {
  const labels = Object.entries(matchLabels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const map = labels.map(([key, value]) => `${word(key)}:${word(value)}`).join(' ')
  return `{map[${map}] [${matchExpressions.map((each) => printedRequirement(each, word)).join(' ')}]}`
}

const plain = (text: string): string => text
const quoted = (text: string): string => JSON.stringify(text)

/** What is wrong with a selector, or null (metav1.LabelSelectorAsSelector). */
function errorOf({ matchExpressions = [] }: LabelSelector): string | null {
  for (const { operator, values } of matchExpressions) {
    const some = (values ?? []).length > 0
    if (operator === 'In' || operator === 'NotIn') {
      if (!some) return "values: Invalid value: null: for 'in', 'notin' operators, values set can't be empty"
    } else if (operator !== 'Exists' && operator !== 'DoesNotExist') return `${quoted(operator)} is not a valid label selector operator`
    else if (some) return `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`
  }
  return null
}

/** Throws for a selector that is none; `doing` words what MetalLB was about. */
export function checkSelectors(selectors: readonly LabelSelector[], doing: (printed: string) => string): void {
  for (const selector of selectors) {
    const error = errorOf(selector)
    if (error !== null) throw new ConfigError(joined(error, doing(printed(selector, plain))))
  }
}

/** Throws where two selectors are equal, or one says the same twice (validateLabelSelectorDuplicate). */
export function noDuplicateSelectors(selectors: readonly LabelSelector[], what: string): void {
  const seen = new Set<string>()
  for (const selector of selectors.map(withSortedValues)) {
    const requirements = new Set<string>()
    for (const each of selector.matchExpressions ?? []) {
      noDuplicates(each.values ?? [], 'match expression value in label selector')
      const text = printedRequirement(each, quoted)
      if (requirements.has(text)) throw new ConfigError(`duplicate definition of match expressions ${text}`)
      requirements.add(text)
    }
    const text = printed(selector, quoted)
    if (seen.has(text)) throw new ConfigError(`duplicate definition of ${what} ${text}`)
    seen.add(text)
  }
}

function withSortedValues(selector: LabelSelector): LabelSelector {
  const expressions = selector.matchExpressions?.map((each) => ({ ...each, ...(each.values ? { values: each.values.toSorted() } : {}) }))
  return { ...selector, ...(expressions ? { matchExpressions: expressions } : {}) }
}

/** Whether labels satisfy any of the selectors. */
export function anySelects(selectors: readonly LabelSelector[], labels: Record<string, string> | undefined): boolean {
  return selectors.some((selector) => selects(selector, labels))
}
