/** Regular expressions of grep and sed. */

/** Basic regular expressions to JavaScript's. */
export function expression(pattern: string, flags: Set<string>, extended: boolean): RegExp {
  let source = pattern
  if (flags.has('F')) source = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  else if (!extended)
    source = pattern.replace(/\\([(){}|+?])|([(){}|+?])/g, (_all, escaped?: string, plain?: string) => escaped ?? `\\${plain}`)
  source = source.replace(
    /\[:(\w+):\]/g,
    (_all, name: string) => ({ alpha: 'A-Za-z', digit: '0-9', alnum: 'A-Za-z0-9', space: '\\s', upper: 'A-Z', lower: 'a-z' })[name] ?? '',
  )
  if (flags.has('w')) source = `\\b(?:${source})\\b`
  if (flags.has('x')) source = `^(?:${source})$`
  return new RegExp(source, flags.has('i') ? 'i' : '')
}
