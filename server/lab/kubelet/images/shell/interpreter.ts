/**
 * Runs what the grammar gives. Nothing here waits by itself: a program that takes lab time calls back when it is over, and so does everything above it.
 */
import { Input } from '../input.ts'
import { findProgram, PROGRAMS } from '../programs.ts'
import { BUILTINS, commandWhere, type BuiltinCall } from './builtins.ts'
import { runCase, runFor, runIf, runLoop, type Execution } from './compound.ts'
import { expandText, expandWords, type Expansion } from './expand.ts'
import { ShellSyntaxError, type Command, type List, type Pipeline } from './grammar.ts'
import { redirect } from './redirect.ts'
import { Job, type BackgroundJob, type Done, type Flow, type ShellState, type Streams } from './state.ts'
import { parseScript } from './syntax.ts'

/** Runs a script that is text; `done` gets the code 2 and the message is printed where it cannot be read. */
export function runText(text: string, state: ShellState, streams: Streams, job: Job, done: Done): void {
  let list: List
  try {
    list = parseScript(text)
  } catch (error) {
    if (!(error instanceof ShellSyntaxError)) throw error
    streams.stderr(`sh: syntax error: ${error.message}\n`)
    return done(2, { is: 'exit' })
  }
  runList(list, state, streams, job, done)
}

/** Does what a shell does at its end: the trap for EXIT. */
export function leave(state: ShellState, streams: Streams, job: Job, code: number, done: (code: number) => void): void {
  const trap = state.traps.get('EXIT')
  state.traps.delete('EXIT')
  if (trap === undefined || job.killed) return done(code)
  runText(trap, state, streams, job, (last, flow) => done(flow?.is === 'exit' ? last : code))
}

/** `tested`: the list is a condition, whose failure does not end a shell with `set -e`. */
function runList(list: List, state: ShellState, streams: Streams, job: Job, done: Done, tested = false): void {
  const next = (index: number): void => {
    const item = list[index]
    if (job.killed) return
    if (!item) return done(state.lastCode)
    const skipped = (item.when === '&&' && state.lastCode !== 0) || (item.when === '||' && state.lastCode === 0)
    if (skipped) return next(index + 1)
    if (item.background) {
      runBehind(item.pipeline, state, streams, job)
      state.lastCode = 0
      return next(index + 1)
    }
    const following = list[index + 1]
    const checked = tested || item.pipeline.negated || following?.when === '&&' || following?.when === '||'
    runPipeline(
      item.pipeline,
      state,
      streams,
      job,
      (code, flow) => {
        state.lastCode = code
        if (flow) return done(code, flow)
        if (code !== 0 && state.options.errexit && !checked) return done(code, { is: 'exit' })
        runPendingTrap(state, streams, job, (ended) => (ended ? done(state.lastCode, ended) : next(index + 1)))
      },
      checked,
    )
  }
  if (list.length === 0) state.lastCode = 0
  next(0)
}

/** A signal that came while a command ran: its trap runs after it. */
function runPendingTrap(state: ShellState, streams: Streams, job: Job, then: (flow?: Flow) => void): void {
  const action = state.signal.pending === null ? undefined : state.traps.get(state.signal.pending)
  if (action === undefined) return then()
  state.signal.pending = null
  const { lastCode } = state
  runText(action, state, streams, job, (code, flow) => {
    state.lastCode = flow ? code : lastCode
    then(flow)
  })
}

function runBehind(pipeline: Pipeline, state: ShellState, streams: Streams, job: Job): void {
  const { job: own, end } = job.child()
  const entry: BackgroundJob = { pid: ++state.lastPid + 5, job: own, code: null, waiting: [] }
  state.background.push(entry)
  const apart = state.copy()
  runPipeline(pipeline, apart, { ...streams, stdin: Input.of('') }, own, (code) => {
    end()
    if (entry.code !== null) return
    entry.code = code
    for (const waiter of entry.waiting.splice(0)) waiter()
  })
}

function runPipeline({ commands, negated }: Pipeline, state: ShellState, streams: Streams, job: Job, done: Done, tested = false): void {
  const finish: Done = (code, flow) => done(negated && !flow ? (code === 0 ? 1 : 0) : code, flow)
  const [only] = commands
  if (commands.length === 1 && only) return runCommand(only, state, streams, job, finish, tested)
  const { job: own, end } = job.child()
  let input = streams.stdin
  for (const [index, command] of commands.entries()) {
    const last = index === commands.length - 1
    const pipe = last ? null : new Input()
    const part: Streams = { stdin: input, stdout: pipe ? (data) => pipe.push(data) : streams.stdout, stderr: streams.stderr }
    runCommand(command, state.copy(), part, own, (code) => {
      pipe?.close()
      if (!last) return
      // who still writes into a pipe that nobody reads ends too
      own.kill()
      end()
      finish(code)
    })
    if (pipe) input = pipe
  }
}

function expansionOf(state: ShellState, streams: Streams, job: Job, fail: (message: string) => void): Expansion {
  return {
    state,
    streams,
    job,
    substitute(body, from, own, within, then) {
      let output = ''
      const apart = from.copy()
      runList(body, apart, { ...own, stdout: (data) => (output += data) }, within, (code) => {
        from.lastCode = code
        then(output)
      })
    },
    fail,
  }
}

function runCommand(command: Command, state: ShellState, outer: Streams, job: Job, done: Done, tested = false): void {
  if (job.killed) return
  const fail = (message: string): void => {
    outer.stderr(`sh: ${message}\n`)
    done(2, { is: 'exit' })
  }
  const expansion = expansionOf(state, outer, job, fail)
  redirect(command.redirects, outer, expansion, (streams, problem) => {
    if (problem !== null) {
      outer.stderr(`sh: ${problem}\n`)
      return done(1)
    }
    runRedirected(command, state, streams, job, done, tested)
  })
}

function runRedirected(command: Command, state: ShellState, streams: Streams, job: Job, done: Done, tested: boolean): void {
  const execution = (): Execution => ({
    state,
    job,
    done,
    expansion: expansionOf(state, streams, job, failing(streams, done)),
    runList: (list, then, asked) => runList(list, state, streams, job, then, asked),
  })
  switch (command.is) {
    case 'simple':
      return runSimple(command, state, streams, job, done)
    case 'group':
      return runList(command.body, state, streams, job, done, tested)
    case 'subshell': {
      const apart = state.copy()
      return runList(command.body, apart, streams, job, (code) => leave(apart, streams, job, code, done), tested)
    }
    case 'function':
      state.functions.set(command.name, command.body)
      return done(0)
    case 'if':
      return runIf(command, execution())
    case 'loop':
      return runLoop(command, execution())
    case 'for':
      return runFor(command, execution())
    case 'case':
      return runCase(command, execution())
  }
}

function failing(streams: Streams, done: Done): (message: string) => void {
  return (message) => {
    streams.stderr(`sh: ${message}\n`)
    done(2, { is: 'exit' })
  }
}

function runSimple(command: Extract<Command, { is: 'simple' }>, state: ShellState, streams: Streams, job: Job, done: Done): void {
  const expansion = expansionOf(state, streams, job, failing(streams, done))
  expandWords(command.words, expansion, (words) => {
    const assigned: [string, string][] = []
    const assign = (index: number): void => {
      const assignment = command.assignments[index]
      if (assignment) {
        return expandText(assignment.value, expansion, (value) => {
          assigned.push([assignment.name, value])
          if (words.length === 0) state.variables.set(assignment.name, value)
          assign(index + 1)
        })
      }
      // the code of an assignment alone is that of its last substitution
      if (words.length === 0)
        return done(command.assignments.some(({ value }) => value.parts.some(({ is }) => is === 'command')) ? state.lastCode : 0)
      call(words, Object.fromEntries(assigned), state, streams, job, done)
    }
    assign(0)
  })
}

function call(words: string[], assigned: Record<string, string>, state: ShellState, streams: Streams, job: Job, done: Done): void {
  const [name = '', ...args] = words
  const where = (wanted: string): string | undefined =>
    findProgram(state.environment, wanted) ? `/bin/${wanted.replace(/^.*\//, '')}` : undefined
  const builtin: BuiltinCall = { args, state, streams, job, done, where, run: (text, then) => runText(text, state, streams, job, then) }
  const body = state.functions.get(name)
  if (body) {
    const before = state.positional
    state.positional = args
    return runCommand(body, state, streams, job, (code, flow) => {
      state.positional = before
      done(code, flow?.is === 'return' ? undefined : flow)
    })
  }
  if (name === 'exec' && args.length > 0) return call(args, assigned, state, streams, job, (code) => done(code, { is: 'exit' }))
  if (name === 'exec') return done(0)
  if (name === 'command' && args[0] === '-v') return commandWhere({ ...builtin, args: args.slice(1) })
  if (name === 'command' || name === 'busybox') return call(args, assigned, state, streams, job, done)
  const own = BUILTINS[name]
  if (own) return own(builtin)
  if (isShell(name)) return runShell(args, childOf(state, assigned), streams, job, done)
  runProgram(words, state, streams, job, done, assigned)
}

/** Runs a program of the image; a shell finds all of busybox's, whatever is on PATH. */
export function runProgram(
  argv: string[],
  state: ShellState,
  streams: Streams,
  job: Job,
  done: (code: number) => void,
  assigned: Record<string, string> = {},
): void {
  const [name = ''] = argv
  const program = findProgram(state.environment, name) ?? PROGRAMS[name]
  if (!program) {
    streams.stderr(`sh: ${name}: not found\n`)
    return done(127)
  }
  const { job: within, end } = job.child()
  let over = false
  program({
    environment: state.environment,
    argv,
    folder: state.folder,
    variables: { ...state.exportedVariables(), ...assigned },
    stdin: streams.stdin,
    output: streams,
    done(code) {
      if (over || within.killed) return
      over = true
      end()
      done(code)
    },
    onKill: (stop) => void within.onKill(stop),
  })
}

/** A shell of its own: it has what was exported, and nothing else. */
function childOf(state: ShellState, assigned: Record<string, string>): ShellState {
  const child = state.copy()
  child.functions = new Map()
  child.positional = []
  child.options = { errexit: false, nounset: false }
  child.variables = new Map(Object.entries({ ...state.exportedVariables(), ...assigned }))
  for (const name of Object.keys(assigned)) child.exported.add(name)
  return child
}

export function isShell(name: string): boolean {
  return /^(\/bin\/|\/usr\/bin\/)?(sh|ash)$/.test(name)
}

/** `sh`, `sh -c SCRIPT [NAME ARGUMENTS]`, with `-e`, `-u`, `-x` before; without a script it comes on standard input. */
export function runShell(args: readonly string[], state: ShellState, streams: Streams, job: Job, done: (code: number) => void): void {
  const end: Done = (code) => leave(state, streams, job, code, done)
  const rest = [...args]
  let script = false
  while (/^-[a-z]+$/.test(rest[0] ?? '')) {
    const flags = rest.shift() as string
    if (flags.includes('e')) state.options.errexit = true
    if (flags.includes('u')) state.options.nounset = true
    script ||= flags.includes('c')
  }
  if (script) {
    const [text, , ...positional] = rest
    if (text === undefined) {
      streams.stderr('sh: -c requires an argument\n')
      return done(2)
    }
    state.positional = positional
    return runText(text, state, streams, job, end)
  }
  const [file, ...positional] = rest
  state.positional = positional
  if (file === undefined) return runLines(state, streams, job, null, end)
  const text = state.environment.files.get(file)
  if (text === undefined) {
    streams.stderr(`/bin/sh: can't open '${file}': No such file or directory\n`)
    return done(2)
  }
  runText(text, state, streams, job, end)
}

/**
 * A script on standard input: each line runs as soon as it is whole, and what it runs may read the lines after it. With `prompt` the shell says
 * when it waits for the next one.
 */
export function runLines(state: ShellState, streams: Streams, job: Job, prompt: ((unfinished: boolean) => void) | null, done: Done): void {
  let text = ''
  const next = (): void => {
    prompt?.(text !== '')
    const { job: reading, end: read } = job.child()
    reading.onKill(
      streams.stdin.readLine((line) => {
        read()
        if (job.killed) return
        if (line === null && text === '') return done(state.lastCode)
        text += line === null ? '' : text === '' ? line : `\n${line}`
        if (line !== null && isUnfinished(text)) return next()
        const whole = text
        text = ''
        const { job: within, end } = job.child()
        state.foreground = { job: within, go: null }
        const after: Done = (code, flow) => {
          end()
          state.foreground = null
          state.lastCode = code
          // whoever types goes on after a mistake
          if (flow?.is === 'exit' && !(prompt && code === 2 && !/\bexit\b/.test(whole))) return done(code, flow)
          next()
        }
        state.foreground.go = () => after(130)
        runText(whole, state, streams, within, (code, flow) => {
          if (!within.killed) after(code, flow)
        })
      }),
    )
  }
  next()
}

function isUnfinished(text: string): boolean {
  try {
    parseScript(text)
    return false
  } catch (error) {
    return error instanceof ShellSyntaxError && error.unfinished
  }
}
