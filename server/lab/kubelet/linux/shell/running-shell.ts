/** A shell as its parts see it, which it is made of itself: what it knows, and what it can be told to do. */
import type { Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import type { ShellState } from './state.ts'
import type { Script, Word } from './syntax.ts'

export interface Expansion {
  /** The fields of words, patterns replaced by the files that fit. */
  words(words: readonly Word[]): Routine<string[]>
  /** A word as one text, neither split nor matched against files. */
  text(word: Word): Routine<string>
  /** As {@link text}, but unquoted wildcards stay what they are. */
  pattern(word: Word): Routine<string>
  /** The value of an arithmetic expression. */
  arithmetic(text: string): Routine<string>
}

export interface RunningShell extends ShellState {
  readonly expand: Expansion
  /** Parses and runs; a syntax error is told. Ends with the code of the last command. */
  source(text: string): Routine<number>
  script(script: Script): Routine<void>
  /** What a script writes: `$(...)`. */
  capture(script: Script): Routine<string>
  /** What runs under a name, or why nothing does. */
  find(name: string): { program: Program; path: string } | { missing: string; code: number }
}
