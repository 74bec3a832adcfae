/**
 * Fields that a JSON text names twice: `duplicate field "spec.replicas"`, in the order of the text, as strict decoding reports them. JSON.parse takes
 * the last of them without a word. The text must be valid JSON.
 */
export function duplicateFields(text: string): string[] {
  const found: string[] = []
  const levels: Level[] = []
  let expectsKey = false
  for (const [token] of text.matchAll(/"(?:[^"\\]+|\\.)*"|[{}[\],:]/g)) {
    const level = levels.at(-1)
    if (token === '{' || token === '[') {
      levels.push({ keys: token === '{' ? new Set() : null, at: token === '{' ? '' : 0 })
      expectsKey = token === '{'
    } else if (token === '}' || token === ']') {
      levels.pop()
      expectsKey = false
    } else if (token === ',') {
      expectsKey = level?.keys != null
      if (typeof level?.at === 'number') level.at++
    } else if (token === ':') expectsKey = false
    else if (expectsKey && level?.keys) {
      const key = JSON.parse(token) as string
      level.at = key
      if (level.keys.has(key)) found.push(`duplicate field "${pathText(levels)}"`)
      level.keys.add(key)
      expectsKey = false
    }
  }
  return found
}

interface Level {
  /** Keys so far; null in a list. */
  keys: Set<string> | null
  /** The key or index at hand. */
  at: string | number
}

function pathText(levels: readonly Level[]): string {
  return levels.map(({ at }, index) => (typeof at === 'number' ? `[${at}]` : index === 0 ? at : `.${at}`)).join('')
}
