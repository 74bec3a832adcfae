/** The signals that processes send each other, and their numbers. */
export const SIGNALS = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, PIPE: 13, ALRM: 14, TERM: 15, CHLD: 17, CONT: 18, WINCH: 28 }
export type Signal = keyof typeof SIGNALS

/** The signal of a name, with or without its SIG, or of a number. */
export function signalNamed(text: string): Signal | undefined {
  const plain = text.toUpperCase().replace(/^SIG/, '')
  if (plain in SIGNALS) return plain as Signal
  return (Object.keys(SIGNALS) as Signal[]).find((name) => String(SIGNALS[name]) === text)
}
