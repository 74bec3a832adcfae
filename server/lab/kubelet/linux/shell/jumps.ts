/** How a script leaves what it is in the middle of. */
export class LoopJump extends Error {
  readonly kind: 'break' | 'continue'
  levels: number

  constructor(kind: 'break' | 'continue', levels: number) {
    super(kind)
    this.kind = kind
    this.levels = levels
  }
}

export class FunctionReturn extends Error {
  readonly code: number

  constructor(code: number) {
    super('return')
    this.code = code
  }
}

/** `exit`, and what `set -e` does. */
export class ShellExit extends Error {
  readonly code: number

  constructor(code: number) {
    super('exit')
    this.code = code
  }
}

/** A prompt's line is given up: Ctrl-C. */
export class Interrupted extends Error {}
