/**
 * What the bridge has to say to a person: a kind and its data. Whoever shows it finds the words: the pages those of the deck (components/lab/notice-words.ts),
 * the command line English ones (server/english.ts).
 */

/** What a look at the cluster found. */
export type Finding =
  | { kind: 'absent'; name: string }
  | { kind: 'exists'; name: string }
  | { kind: 'count'; count: number }
  | { kind: 'value'; name: string; path: string; value: string }
  | { kind: 'path'; name: string; path: string; exists: boolean }
  /** There was no answer: its own words. */
  | { kind: 'unknown'; text: string }

export type Notice =
  /** A program that a person started has the terminal: the step runs as soon as it has ended. `interrupts`: Ctrl-C is about to end it. */
  | { kind: 'busy'; program: string; interrupts: boolean }
  /** No shell stays up: only a reset brings one back. */
  | { kind: 'shell-closed' }
  /** The shell went away under a command. */
  | { kind: 'shell-ended' }
  /** Pending again: it was run, or asked for, in a lab that has ended since. The next click runs it first. */
  | { kind: 'owed' }
  | { kind: 'no-step'; step: string }
  | { kind: 'no-lab'; lab: string }
  /** Steps before this one were not run. */
  | { kind: 'missing'; step: string; missing: string[] }
  | { kind: 'watch-only' }
  /** `expected`: `0`, or with an operator: `>= 1`. */
  | { kind: 'exit'; exit: number; expected: string }
  /** A check did not come true. `check` as it stands in the deck. */
  | { kind: 'check'; check: string; found: Finding }
  /** The embedded lab's process has ended and is being started anew. */
  | { kind: 'restarting'; ended: string }
  /** It has ended too often: `ended` is its signal or exit code. */
  | { kind: 'lab-ended'; ended: string }
  /** A cluster does not answer, or did not come up. `why`: in the words of whoever said so. */
  | { kind: 'unreachable'; why: string }
  | { kind: 'not-reset'; why: string }
  | { kind: 'fault'; why: string }
