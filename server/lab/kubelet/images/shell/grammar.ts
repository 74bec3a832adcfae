/** The shell's grammar, as far as people use it in a pod's command: POSIX sh without job control. */

export type WordPart =
  | { is: 'text'; text: string; quoted: boolean }
  /** `$x`, `${x:-y}`: `operator` is `:-`, `-`, `:=`, `=`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, or `length` for `${#x}`. */
  | { is: 'variable'; name: string; operator: string; operand: Word | null; quoted: boolean }
  | { is: 'command'; body: List; quoted: boolean }
  | { is: 'arithmetic'; expression: Word; quoted: boolean }

export interface Word {
  parts: WordPart[]
}

export interface Redirect {
  from: 0 | 1 | 2
  /** `dup`: `2>&1`, with the other stream as its target. `text`: a here-document, which is its target. */
  mode: 'read' | 'write' | 'append' | 'dup' | 'text'
  target: Word
}

export interface Item {
  /** What stood before it. */
  when: ';' | '&&' | '||'
  pipeline: Pipeline
  background: boolean
}

export type List = Item[]

export interface Pipeline {
  negated: boolean
  commands: Command[]
}

export type Command = { redirects: Redirect[] } & (
  | { is: 'simple'; assignments: { name: string; value: Word }[]; words: Word[] }
  | { is: 'group'; body: List }
  | { is: 'subshell'; body: List }
  | { is: 'if'; branches: { condition: List; body: List }[]; otherwise: List | null }
  | { is: 'loop'; until: boolean; condition: List; body: List }
  | { is: 'for'; name: string; words: Word[] | null; body: List }
  | { is: 'case'; subject: Word; branches: { patterns: Word[]; body: List }[] }
  | { is: 'function'; name: string; body: Command }
)

/** The message is what comes after `sh: syntax error: `. */
export class ShellSyntaxError extends Error {
  /** More input could still make it right. */
  readonly unfinished: boolean

  constructor(message: string, unfinished = false) {
    super(message)
    this.unfinished = unfinished
  }
}
