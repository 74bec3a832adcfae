/** Commands that a shell does itself, because they change it or because it is quicker. */
import { isFolder, resolvePath } from './files.ts'
import { formatText } from './printf.ts'
import type { Done, Job, ShellState, Streams } from './state.ts'
import { isTrue, TestError } from './test.ts'

export interface BuiltinCall {
  /** Without the name. */
  args: string[]
  state: ShellState
  streams: Streams
  job: Job
  done: Done
  /** Runs text as a script in this shell, for eval and `.`. */
  run(text: string, done: Done): void
  /** Where the shell would find a program; undefined: nowhere. */
  where(name: string): string | undefined
}

type Builtin = (call: BuiltinCall) => void

const levels = (args: string[]): number => Math.max(1, Number(args[0] ?? 1) || 1)

function test({ args, state, streams, done }: BuiltinCall, name: string): void {
  let words = args
  if (name === '[') {
    if (args.at(-1) !== ']') {
      streams.stderr('sh: missing ]\n')
      return done(2)
    }
    words = args.slice(0, -1)
  }
  try {
    done(isTrue(words, state) ? 0 : 1)
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    streams.stderr(`sh: ${error.message}\n`)
    done(2)
  }
}

function cd({ args, state, streams, done }: BuiltinCall): void {
  const wanted = args[0] ?? state.variables.get('HOME') ?? '/'
  const folder = resolvePath(wanted === '-' ? (state.variables.get('OLDPWD') ?? '/') : wanted, state.folder)
  if (!isFolder(state.environment, folder)) {
    streams.stderr(`sh: cd: line 0: can't cd to ${wanted}: No such file or directory\n`)
    return done(2)
  }
  state.variables.set('OLDPWD', state.folder)
  state.folder = folder
  state.variables.set('PWD', folder)
  done(0)
}

function set({ args, state, streams, done }: BuiltinCall): void {
  if (args.length === 0) {
    for (const [name, value] of [...state.variables].toSorted()) streams.stdout(`${name}='${value}'\n`)
    return done(0)
  }
  const rest = [...args]
  while (/^[-+]\w/.test(rest[0] ?? '') && rest[0] !== '--') {
    const flags = rest.shift() as string
    const on = flags.startsWith('-')
    if (flags.includes('e')) state.options.errexit = on
    if (flags.includes('u')) state.options.nounset = on
    if (flags.endsWith('o')) rest.shift()
  }
  if (rest[0] === '--') state.positional = rest.slice(1)
  else if (rest.length > 0) state.positional = rest
  done(0)
}

function read({ args, state, streams, job, done }: BuiltinCall): void {
  const names = args.filter((word) => !word.startsWith('-'))
  const { job: within, end } = job.child()
  within.onKill(
    streams.stdin.readLine((line) => {
      end()
      const words = (line ?? '').trim().split(/[ \t]+/)
      const targets = names.length > 0 ? names : ['REPLY']
      for (const [index, name] of targets.entries()) {
        state.variables.set(name, index < targets.length - 1 ? (words[index] ?? '') : words.slice(index).join(' '))
      }
      done(line === null ? 1 : 0)
    }),
  )
}

/** `wait`, `wait PID`. */
function wait({ args, state, job, done }: BuiltinCall): void {
  const wanted = state.background.filter(({ pid, code }) => code === null && (args.length === 0 || args.includes(String(pid))))
  let left = wanted.length
  const code = (): number => (args.length === 0 ? 0 : (state.background.find(({ pid }) => String(pid) === args.at(-1))?.code ?? 127))
  if (left === 0) return done(code())
  let over = false
  const end = (result: number): void => {
    if (over || job.killed) return
    over = true
    state.onSignal = null
    done(result)
  }
  state.onSignal = () => end(143)
  for (const each of wanted) {
    each.waiting.push(() => {
      if (--left === 0) end(code())
    })
  }
}

function kill({ args, state, streams, done }: BuiltinCall): void {
  const pids = args.filter((word) => !word.startsWith('-'))
  for (const pid of pids) {
    const target = state.background.find((each) => String(each.pid) === pid)
    if (!target || target.code !== null) {
      if (pid === '1') continue
      streams.stderr(`sh: can't kill pid ${pid}: No such process\n`)
      return done(1)
    }
    target.job.kill()
    target.code = 143
    for (const waiter of target.waiting.splice(0)) waiter()
  }
  done(0)
}

function exportNames({ args, state, done }: BuiltinCall): void {
  for (const word of args) {
    const at = word.indexOf('=')
    if (at < 0) state.export(word)
    else state.export(word.slice(0, at), word.slice(at + 1))
  }
  done(0)
}

function assignLocally({ args, state, done }: BuiltinCall): void {
  for (const word of args) {
    const at = word.indexOf('=')
    if (at > 0) state.variables.set(word.slice(0, at), word.slice(at + 1))
  }
  done(0)
}

function echo({ args, streams, done }: BuiltinCall): void {
  let bare = false
  let escapes = false
  const words = [...args]
  while (/^-[neE]+$/.test(words[0] ?? '')) {
    const flags = words.shift() as string
    bare ||= flags.includes('n')
    escapes ||= flags.includes('e')
  }
  const text = words.join(' ')
  streams.stdout(`${escapes ? formatText(text.replaceAll('%', '%%'), []) : text}${bare ? '' : '\n'}`)
  done(0)
}

function find({ args, state, streams, done, where }: BuiltinCall, words: (name: string, place: string) => string): void {
  let code = 0
  for (const name of args) {
    const place = state.functions.has(name) || name in BUILTINS ? name : where(name)
    if (place === undefined) code = 127
    else streams.stdout(words(name, place))
  }
  done(code)
}

export const BUILTINS: Record<string, Builtin> = {
  ':': ({ done }) => done(0),
  true: ({ done }) => done(0),
  false: ({ done }) => done(1),
  '.': ({ args, state, streams, done, run }) => {
    const text = state.environment.files.get(resolvePath(args[0] ?? '', state.folder))
    if (text !== undefined) return run(text, done)
    streams.stderr(`sh: .: line 0: can't open '${args[0] ?? ''}': No such file or directory\n`)
    done(2, { is: 'exit' })
  },
  '[': (call) => test(call, '['),
  break: ({ args, state, done }) => done(0, state.loopDepth > 0 ? { is: 'break', levels: levels(args) } : undefined),
  cd,
  continue: ({ args, state, done }) => done(0, state.loopDepth > 0 ? { is: 'continue', levels: levels(args) } : undefined),
  echo,
  eval: ({ args, done, run }) => run(args.join(' '), done),
  exit: ({ args, state, done }) => done(args[0] === undefined ? state.lastCode : Number(args[0]) & 255, { is: 'exit' }),
  export: exportNames,
  kill,
  local: assignLocally,
  printf: ({ args, streams, done }) => {
    if (args.length === 0) {
      streams.stderr('sh: usage: printf FORMAT [ARG...]\n')
      return done(1)
    }
    streams.stdout(formatText(args[0] as string, args.slice(1)))
    done(0)
  },
  pwd: ({ state, streams, done }) => {
    streams.stdout(`${state.folder}\n`)
    done(0)
  },
  read,
  readonly: assignLocally,
  return: ({ args, state, done }) => done(args[0] === undefined ? state.lastCode : Number(args[0]) & 255, { is: 'return' }),
  set,
  shift: ({ args, state, done }) => {
    state.positional = state.positional.slice(levels(args))
    done(0)
  },
  test: (call) => test(call, 'test'),
  trap: ({ args, state, done }) => {
    const [action = '', ...signals] = args
    for (const signal of signals) {
      const name = signal === '0' ? 'EXIT' : signal === '15' ? 'TERM' : signal.replace(/^SIG/, '')
      if (action === '-') state.traps.delete(name)
      else state.traps.set(name, action)
    }
    done(0)
  },
  type: (call) => find(call, (name, place) => (place === name ? `${name} is a shell builtin\n` : `${name} is ${place}\n`)),
  umask: ({ done }) => done(0),
  unset: ({ args, state, done }) => {
    for (const name of args) {
      state.variables.delete(name)
      state.functions.delete(name)
    }
    done(0)
  },
  wait,
  which: ({ args, streams, done, where }) => {
    const places = args.map((name) => where(name))
    for (const place of places) if (place !== undefined) streams.stdout(`${place}\n`)
    done(places.includes(undefined) ? 1 : 0)
  },
}

/** `command -v NAME`. */
export function commandWhere(call: BuiltinCall): void {
  find(call, (_name, place) => `${place}\n`)
}
