import type { Clock } from '../../clock.ts'
import { rfc3339, rfc3339NanoFixed } from '../../resources/kit/time.ts'

export type Log = (caller: string, fields: Record<string, unknown>) => void

/** Lines as MetalLB's go-kit logger writes them: JSON, keys in order, time in seconds. `level` is info unless the fields say otherwise. */
export function createLogger(clock: Clock, write: (line: string) => void, levels: boolean): Log {
  return (caller, fields) => {
    const ts = levels ? rfc3339(clock.now()) : rfc3339NanoFixed(clock.now())
    const all: Record<string, unknown> = { caller, ...(levels ? { level: 'info' } : {}), ts, ...fields }
    write(JSON.stringify(Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))))
  }
}

/** Addresses as Go prints a list of them by %q: `["192.168.1.11" "fc00::1"]`. */
export function quotedList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
}
