/** What is wrong with a deck, and where. */
export interface DeckError {
  /** Relative to the deck's folder, with forward slashes. */
  file: string
  /** From 1. */
  line: number
  /** What was found and what was expected. */
  message: string
}

/** One line, as compilers print it: `pages/case-3.md:42: ...`. */
export function formatDeckError(error: DeckError): string {
  return `${error.file}:${error.line}: ${error.message}`
}
