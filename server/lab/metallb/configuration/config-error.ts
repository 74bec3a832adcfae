/** A configuration that MetalLB rejects; the message is its own. */
export class ConfigError extends Error {}

/** Go's errors.Join: the cause, and on the next line what was being done. */
export function joined(cause: string, doing: string): string {
  return `${cause}\n${doing}`
}

/** Runs a step of the reading; what is wrong there is told with where it was. */
export function within<T>(where: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError(`${where}: ${error.message}`)
    throw error
  }
}

/** Throws where a list names something twice. */
export function noDuplicates(list: readonly string[], what: string): void {
  const twice = list.find((each, i) => list.indexOf(each) < i)
  if (twice !== undefined) throw new ConfigError(`duplicate definition of ${what} ${JSON.stringify(twice)}`)
}
