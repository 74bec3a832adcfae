/** What a person sees: everything on standard error, since standard output belongs to `--json`. */
import { createConsola } from 'consola/basic'

export const say = createConsola({ stdout: process.stderr, stderr: process.stderr, formatOptions: { date: false, compact: true } })

/** A step that takes its time: says that it goes on every few seconds, and how long it took. */
export async function progress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`
  say.start(what)
  const timer = setInterval(() => say.log(`  still at it: ${what} (${seconds()})`), 5_000)
  try {
    const result = await work()
    say.success(`${what}: done in ${seconds()}`)
    return result
  } finally {
    clearInterval(timer)
  }
}
