/** From start to a clean end: signals, and what has to be taken down. */
import { say } from './console.ts'

/** Nothing may be left running after this, and nobody waits longer, ms. */
const END_WITHIN = 1_800

const disposers: (() => Promise<void> | void)[] = []
let ending: Promise<never> | null = null

/** Registers something to take down; the last one first. */
export function onEnd(dispose: () => Promise<void> | void): void {
  disposers.push(dispose)
}

/** Takes everything down and ends the process. */
export function end(code: number): Promise<never> {
  ending ??= (async () => {
    const limit = setTimeout(() => process.exit(code), END_WITHIN)
    for (const dispose of disposers.toReversed()) {
      try {
        await dispose()
      } catch (error) {
        say.warn(error)
      }
    }
    clearTimeout(limit)
    process.exit(code)
  })()
  return ending
}

/** One Ctrl-C arrives twice where npm passes on what the terminal has sent to everybody: what comes this soon is the same signal, ms. */
const SAME_SIGNAL = 500

/** Ends cleanly on SIGINT, SIGTERM and a closed terminal; a second signal ends at once. */
export function endOnSignals(): void {
  let first = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (ending && performance.now() - first > SAME_SIGNAL) process.exit(130)
      if (first === 0) first = performance.now()
      void end(0)
    })
  }
}
