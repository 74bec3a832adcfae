/** The shell's grammar as a tree (POSIX, section 2.10). parser.ts reads it, shell.ts runs it. */
export type Part =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'parameter'; name: string; length: boolean; operator: string; word: Word | null; quoted: boolean }
  | { kind: 'command'; script: Script; quoted: boolean }
  | { kind: 'arithmetic'; word: Word; quoted: boolean }

export type Word = Part[]

export interface Redirect {
  descriptor: number
  /** `<` `>` `>>` `>|` `<&` `>&` `<<` (the word is the text) `<>` `&>`. */
  operator: string
  word: Word
}

export type Command =
  | { kind: 'simple'; assignments: { name: string; value: Word }[]; words: Word[]; redirects: Redirect[]; line: number }
  | { kind: 'group' | 'subshell'; body: Script; redirects: Redirect[] }
  | { kind: 'if'; branches: { condition: Script; body: Script }[]; otherwise: Script | null; redirects: Redirect[] }
  | { kind: 'loop'; until: boolean; condition: Script; body: Script; redirects: Redirect[] }
  | { kind: 'for'; name: string; words: Word[] | null; body: Script; redirects: Redirect[] }
  | { kind: 'case'; word: Word; items: { patterns: Word[]; body: Script }[]; redirects: Redirect[] }
  | { kind: 'function'; name: string; body: Command }

export interface Pipeline {
  negated: boolean
  commands: Command[]
}

/** Pipelines joined by && and ||. */
export interface AndOr {
  first: Pipeline
  rest: { operator: '&&' | '||'; pipeline: Pipeline }[]
  background: boolean
  /** As it was written, for `jobs`. */
  source: string
}

export type Script = AndOr[]

/** `message` is the end of what the shell says. */
export class ShellSyntaxError extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** The text ends in the middle of a command: a prompt may ask for more. */
export class IncompleteCommand extends ShellSyntaxError {}
