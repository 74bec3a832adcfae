/** Programs about the system and its processes. */
import { FileError } from '../../kernel/files.ts'
import { kernelOf } from '../proc.ts'
import type { Process, Program } from '../process.ts'
import { first, type Routine, wait } from '../../kernel/routine.ts'
import { sendSignal } from './kill.ts'
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

export const id: Program = function* (process, argv) {
  const { user } = process.machine
  const { flags } = flagsOf(argv)
  const named = flags.has('n')
  const both = (number: number, name: string): string => (name ? `${number}(${name})` : String(number))
  if (flags.has('u')) yield* process.out(`${named ? user.name || user.uid : user.uid}\n`)
  else if (flags.has('g')) yield* process.out(`${named ? user.group || user.gid : user.gid}\n`)
  else if (flags.has('G')) yield* process.out(`${user.groups.map(([gid, name]) => (named ? name || gid : gid)).join(' ')}\n`)
  else
    yield* process.out(
      `uid=${both(user.uid, user.name)} gid=${both(user.gid, user.group)} groups=${user.groups.map(([gid, name]) => both(gid, name)).join(',')}\n`,
    )
  return 0
}

export const whoami: Program = function* (process) {
  const { user } = process.machine
  if (user.name) yield* process.out(`${user.name}\n`)
  else {
    yield* process.complain(isBusybox(process) ? `unknown uid ${user.uid}` : `cannot find name for user ID ${user.uid}`)
    return 1
  }
  return 0
}

export const hostname: Program = function* (process, argv) {
  const { context } = process.machine
  const { flags, words } = flagsOf(argv)
  if (words.length > 0) {
    yield* process.complain(isBusybox(process) ? 'sethostname: Operation not permitted' : 'you must be root to change the host name')
    return 1
  }
  if (flags.has('i') || flags.has('I')) {
    const address: string = context.pod.status?.podIP ?? '127.0.0.1'
    yield* process.out(`${address}${flags.has('I') ? ' ' : ''}\n`)
  } else yield* process.out(`${flags.has('s') ? context.hostname.split('.')[0] : context.hostname}\n`)
  return 0
}

export const uname: Program = function* (process, argv) {
  const { flags } = flagsOf(argv)
  const kernel = kernelOf(process.machine)
  const facts: [string, string][] = [
    ['s', 'Linux'],
    ['n', process.machine.context.hostname],
    ['r', kernel],
    ['v', '#1 SMP PREEMPT_DYNAMIC'],
    ['m', 'x86_64'],
    ['o', isBusybox(process) && process.machine.image.env['ALPINE'] ? 'Linux' : 'GNU/Linux'],
  ]
  const shown = flags.has('a') ? facts : flags.size === 0 ? facts.slice(0, 1) : facts.filter(([flag]) => flags.has(flag))
  yield* process.out(`${shown.map(([, text]) => text).join(' ')}\n`)
  return 0
}

export const ps: Program = function* (process) {
  const { processes, user } = process.machine
  yield* process.out('PID   USER     TIME  COMMAND\n')
  for (const each of processes.values()) {
    yield* process.out(`${String(each.pid).padStart(5)} ${(user.name || String(user.uid)).padEnd(8)}  0:00 ${each.argv.join(' ')}\n`)
  }
  return 0
}

export const kill: Program = (process, argv) => sendSignal(process, argv)

export const nproc: Program = function* (process) {
  const node = process.machine.context.store.get('nodes', null, process.machine.context.node)
  yield* process.out(`${node?.['status']?.capacity?.cpu ?? 1}\n`)
  return 0
}

// eslint-disable-next-line require-yield
export const succeed: Program = function* () {
  return 0
}

// eslint-disable-next-line require-yield
export const fail: Program = function* () {
  return 1
}

export const tty: Program = function* (process) {
  yield* process.out(process.isTerminal(0) ? '/dev/pts/0\n' : 'not a tty\n')
  return process.isTerminal(0) ? 0 : 1
}

export const stty: Program = function* (process, argv) {
  const { terminal } = process
  if (!terminal || !process.isTerminal(0)) {
    yield* process.complain(isBusybox(process) ? 'standard input' : "'standard input': Inappropriate ioctl for device")
    return 1
  }
  if (argv[1] === 'size') yield* process.out(`${terminal.rows} ${terminal.columns}\n`)
  else if (argv.length === 1 || argv[1] === '-a')
    yield* process.out(`speed 38400 baud;${argv[1] === '-a' ? ` rows ${terminal.rows}; columns ${terminal.columns};` : ''} line = 0;\n`)
  return 0
}

export const which: Program = function* (process, argv) {
  let code = 0
  for (const name of argv.slice(1)) {
    const found = process.machine.findProgram(name, process.env.get('PATH') ?? '', process.cwd)
    if (found) yield* process.out(`${found.path}\n`)
    else code = 1
  }
  return code
}

export const basename: Program = function* (process, argv) {
  const [path = '', suffix = ''] = argv.slice(1)
  const name = path.replace(/(?<=.)\/+$/, '').replace(/^.*\/(?=.)/, '')
  yield* process.out(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`)
  return 0
}

export const dirname: Program = function* (process, argv) {
  const path = (argv[1] ?? '').replace(/(?<=.)\/+$/, '')
  const at = path.lastIndexOf('/')
  yield* process.out(`${at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)}\n`)
  return 0
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

export const expr: Program = function* (process, argv) {
  const words = argv.slice(1)
  const [left = '', operator, right = ''] = words
  if (operator === undefined) {
    yield* process.out(`${left}\n`)
    return left === '' || left === '0' ? 1 : 0
  }
  const [a, b] = [Number(left), Number(right)]
  if ('+-*/%'.includes(operator) && (Number.isNaN(a) || Number.isNaN(b))) {
    yield* process.complain('non-integer argument')
    return 2
  }
  const result: Record<string, () => number | string> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => Math.trunc(a / b),
    '%': () => a % b,
    '=': () => Number(left === right),
    '!=': () => Number(left !== right),
    '<': () => Number(a < b),
    '>': () => Number(a > b),
  }
  const compute = result[operator]
  if (!compute) {
    yield* process.complain('syntax error')
    return 2
  }
  const value = compute()
  yield* process.out(`${value}\n`)
  return value === 0 || value === '' ? 1 : 0
}

export const mktemp: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const template = words[0] ?? '/tmp/tmp.XXXXXX'
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const path = template.replace(/X+$/, (all) =>
    [...all].map(() => letters[Math.floor(process.machine.context.random() * letters.length)]).join(''),
  )
  try {
    if (flags.has('d')) process.machine.files.makeDirectory(path, process.cwd)
    else process.machine.files.write(path, '', process.cwd)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    yield* process.complain(`${path}: ${error.message}`)
    return 1
  }
  yield* process.out(`${path}\n`)
  return 0
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
