/** What programs share. */
import type { Process } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { FileError, textOf } from '../../kernel/files.ts'

export function isBusybox(process: Process): boolean {
  return process.machine.image.userland.busybox !== null
}

export interface Arguments {
  /** Letters, and long names without their dashes. */
  flags: Set<string>
  /** Of those flags that take a value. */
  values: Map<string, string>
  words: string[]
}

/** Reads `-ab -n 3 --long=x WORD`. `valued`: letters that take a value, then long names that do. */
export function flagsOf(argv: readonly string[], valued = '', long: readonly string[] = []): Arguments {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const words: string[] = []
  for (let index = 1; index < argv.length; index++) {
    const word = argv[index] as string
    if (word === '--') {
      words.push(...argv.slice(index + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=')
      flags.add(name)
      if (value.length > 0) values.set(name, value.join('='))
      else if (long.includes(name)) values.set(name, argv[++index] ?? '')
    } else if (word.startsWith('-') && word !== '-') {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] as string
        flags.add(letter)
        if (!valued.includes(letter)) continue
        values.set(letter, word.slice(at + 1) || (argv[++index] ?? ''))
        break
      }
    } else words.push(word)
  }
  return { flags, values, words }
}

/** The banner that busybox puts before a usage. */
export function usageOf(process: Process, usage: string): Routine<void> {
  return process.write(2, `${process.machine.image.userland.busybox ?? ''}\n\nUsage: ${usage}\n`)
}

/** A named file's text, standard input for `-`; null where it is told why there is none. */
function* inputOf(
  process: Process,
  path: string,
  told: (path: string, why: string) => string = (at, why) => `${at}: ${why}`,
): Routine<string | null> {
  if (path === '-') return yield* process.readAll()
  try {
    const entry = process.machine.files.get(path, process.cwd, true, process.pid)
    if (entry.kind === 'directory') throw new FileError('Is a directory')
    return entry.kind === 'file' ? textOf(entry) : yield* process.readAll()
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    yield* process.complain(told(path, error.message))
    return null
  }
}

/** A text's lines, the newline at its end not counted. */
export function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Runs something over each named input, standard input where none is named. */
export function* overInputs(
  process: Process,
  words: readonly string[],
  each: (text: string, path: string) => Routine<void>,
): Routine<number> {
  let code = 0
  for (const path of words.length > 0 ? words : ['-']) {
    const text = yield* inputOf(process, path)
    if (text === null) code = 1
    else yield* each(text, path)
  }
  return code
}
