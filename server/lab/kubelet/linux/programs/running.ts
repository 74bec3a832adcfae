/** Programs that run others, and that wait. */
import type { Process, Program } from '../process.ts'
import { first, type Routine, wait } from '../../kernel/routine.ts'
import { flagsOf, isBusybox, usageOf } from './kit.ts'

const DURATION = /^(\d+(?:\.\d+)?|\.\d+)([smhd]?)$/
const UNIT: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

export const sleep: Program = function* (process, argv) {
  const words = argv.slice(1).filter((word) => word !== '--')
  if (words.length === 0) {
    if (isBusybox(process))
      yield* usageOf(
        process,
        'sleep [N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays',
      )
    else yield* process.write(2, "sleep: missing operand\nTry 'sleep --help' for more information.\n")
    return 1
  }
  let seconds = 0
  for (const word of words) {
    if (/^inf(inity)?$/i.test(word)) {
      yield* wait<never>(() => () => {})
      return 0
    }
    const match = DURATION.exec(word)
    if (!match) {
      if (isBusybox(process)) yield* process.complain(`invalid number '${word}'`)
      else yield* process.write(2, `sleep: invalid time interval '${word}'\nTry 'sleep --help' for more information.\n`)
      return 1
    }
    seconds += Number(match[1]) * (UNIT[match[2] ?? ''] ?? 1)
  }
  yield* process.sleep(seconds * 1000)
  return 0
}

/** Runs a command line as a child and gives its code. */
export function* runChild(process: Process, argv: string[], env = process.env): Routine<number> {
  const [name = ''] = argv
  const found = process.machine.findProgram(name, env.get('PATH') ?? '/bin:/usr/bin', process.cwd)
  const program = found && process.machine.programOf(found.entry)
  if (!program) {
    yield* process.complain(
      isBusybox(process) ? `can't execute '${name}': No such file or directory` : `'${name}': No such file or directory`,
    )
    return 127
  }
  const child = process.child(argv, env)
  child.start(program)
  return yield* wait(child.ended)
}

export const env: Program = function* (process, argv) {
  const own = new Map(process.env)
  let at = 1
  for (; at < argv.length; at++) {
    const word = argv[at] as string
    if (word === '-i' || word === '-') own.clear()
    else if (word === '-u') own.delete(argv[++at] ?? '')
    else if (/^[A-Za-z_]\w*=/.test(word)) own.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
    else break
  }
  if (at < argv.length) return yield* runChild(process, argv.slice(at), own)
  yield* process.out([...own].map(([name, value]) => `${name}=${value}\n`).join(''))
  return 0
}

export const printenv: Program = function* (process, argv) {
  const names = argv.slice(1)
  if (names.length === 0) return yield* env(process, ['env'])
  let code = 0
  for (const name of names) {
    const value = process.env.get(name)
    if (value === undefined) code = 1
    else yield* process.out(`${value}\n`)
  }
  return code
}

export const timeout: Program = function* (process, argv) {
  const words = argv.slice(1)
  let signal: 'TERM' | 'KILL' = 'TERM'
  while (words[0]?.startsWith('-')) {
    const flag = words.shift()
    if (flag === '-s') signal = /9|KILL/.test(words.shift() ?? '') ? 'KILL' : 'TERM'
    else if (flag === '-k') words.shift()
  }
  const duration = DURATION.exec(words.shift() ?? '')
  if (!duration || words.length === 0) {
    yield* usageOf(process, 'timeout [-s SIG] [-k KILL_SECS] SECS PROG ARGS')
    return 1
  }
  const found = process.machine.findProgram(words[0] as string, process.env.get('PATH') ?? '', process.cwd)
  const program = found && process.machine.programOf(found.entry)
  if (!program) {
    yield* process.complain(
      isBusybox(process)
        ? `can't execute '${words[0]}': No such file or directory`
        : `failed to run command '${words[0]}': No such file or directory`,
    )
    return 127
  }
  const child = process.child(words, process.env)
  child.start(program)
  const { index, value } = yield* wait(
    first(child.ended, process.machine.after(Number(duration[1]) * (UNIT[duration[2] ?? ''] ?? 1) * 1000)),
  )
  if (index === 0) return value as number
  child.signal(signal)
  const code = yield* wait(child.ended)
  return isBusybox(process) ? code : 124
}

export const xargs: Program = function* (process, argv) {
  // its own options end where the command begins
  const from = argv.findIndex((word, index) => index > 0 && !word.startsWith('-') && !/^-[nIL]$/.test(argv[index - 1] as string))
  const { values } = flagsOf(from < 0 ? argv : argv.slice(0, from), 'nIL')
  const command = from < 0 ? ['echo'] : argv.slice(from)
  const text = yield* process.readAll()
  const replace = values.get('I')
  const items = replace === undefined ? text.split(/\s+/).filter(Boolean) : text.split('\n').filter(Boolean)
  const size = replace === undefined ? Number(values.get('n') ?? Infinity) : 1
  let code = 0
  for (let at = 0; at < Math.max(1, items.length); at += size) {
    const group = items.slice(at, at + size)
    const line = replace === undefined ? [...command, ...group] : command.map((word) => word.replaceAll(replace, group[0] ?? ''))
    if (replace !== undefined && group.length === 0) break
    const result = yield* runChild(process, line)
    if (result !== 0) code = 123
  }
  return code
}

/** The multi-call binary by its own name: `busybox sleep 6`. */
export function busyboxProgram(programs: () => Record<string, Program>): Program {
  return function* busybox(process, argv) {
    const [, name = ''] = argv
    if (name === '--list') {
      yield* process.out(
        Object.keys(programs())
          .toSorted()
          .map((each) => `${each}\n`)
          .join(''),
      )
      return 0
    }
    if (name === '' || name === '--help') {
      yield* process.out(`${process.machine.image.userland.busybox}\n`)
      return 0
    }
    const program = programs()[name]
    if (program) {
      process.argv = argv.slice(1)
      return yield* program(process, argv.slice(1))
    }
    yield* process.write(2, `${name}: applet not found\n`)
    return 127
  }
}
