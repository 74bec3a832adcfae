/**
 * Something that the person at the keyboard can mend: a wrong option, a port in use, a cluster that does not answer. The message is one line that says what
 * happened, where, and what to do next; the command line prints it alone, without a stack, and ends with exit code 2. Anything else that is thrown is a fault
 * of ours and keeps its stack.
 */
export class Problem extends Error {
  override name = 'Problem'
}

/** What was thrown, as a person can read it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
