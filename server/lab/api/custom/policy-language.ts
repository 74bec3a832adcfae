/** Expressions of admission policies: CEL as rule-language.ts has it, where a member that is not there is an error. */
import { MissingMember, parseRule, type Scope, STRICT, UnknownRule } from './rule-language.ts'

export type Outcome = { value: unknown } | { error: string }

/** An expression that uses more of CEL than the lab knows holds: it can be neither kept nor broken here. */
export function evaluate(expression: string, scope: Scope): Outcome {
  try {
    return { value: parseRule(expression)({ ...scope, [STRICT]: true }) }
  } catch (error) {
    if (error instanceof MissingMember) return { error: `expression '${expression}' resulted in error: ${error.message}` }
    if (error instanceof UnknownRule) return { value: true }
    throw error
  }
}
