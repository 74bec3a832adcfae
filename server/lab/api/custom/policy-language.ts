/** Expressions of admission policies: CEL as rule-language.ts has it, where a member that is not there is an error. */
import { type Expression, MissingMember, parseRule, type Scope, STRICT, UnknownRule } from './rule-language.ts'

export type Outcome = { value: unknown } | { error: string }

const compiled = new Map<string, Expression | UnknownRule>()

function compile(expression: string): Expression | UnknownRule {
  let known = compiled.get(expression)
  if (!known) {
    try {
      known = parseRule(expression)
    } catch (error) {
      if (!(error instanceof UnknownRule)) throw error
      known = error
    }
    compiled.set(expression, known)
  }
  return known
}

/** An expression that uses more of CEL than the lab knows holds: it can be neither kept nor broken here. */
export function evaluate(expression: string, scope: Scope): Outcome {
  const rule = compile(expression)
  if (rule instanceof UnknownRule) return { value: true }
  try {
    return { value: rule({ ...scope, [STRICT]: true }) }
  } catch (error) {
    if (error instanceof MissingMember) return { error: `expression '${expression}' resulted in error: ${error.message}` }
    if (error instanceof UnknownRule) return { value: true }
    throw error
  }
}
