/** Programs about the system, its users and its terminal. */
import { kernelOf } from '../proc.ts'
import type { Program } from '../process.ts'
import { sendSignal } from './kill.ts'
import { flagsOf, isBusybox } from './kit.ts'

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
