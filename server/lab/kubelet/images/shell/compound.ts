/** `if`, `while`, `for` and `case`. */
import { expandText, expandWords, matches, type Expansion } from './expand.ts'
import type { Command, List } from './grammar.ts'
import type { Done, Flow, Job, ShellState } from './state.ts'

/** Rounds of loops that cost no time, and what the next one then takes, ms: a loop without end must not hold up the lab. */
const FREE_ROUNDS = 50
const ROUND_TIME = 10

/** What a construct runs with. */
export interface Execution {
  state: ShellState
  job: Job
  done: Done
  expansion: Expansion
  /** `tested`: the list is a condition. */
  runList(list: List, done: Done, tested?: boolean): void
}

export function runIf(command: Extract<Command, { is: 'if' }>, { done, runList }: Execution): void {
  const next = (index: number): void => {
    const branch = command.branches[index]
    if (!branch) return command.otherwise ? runList(command.otherwise, done) : done(0)
    const decide: Done = (code, flow) => {
      if (flow) return done(code, flow)
      if (code === 0) runList(branch.body, done)
      else next(index + 1)
    }
    runList(branch.condition, decide, true)
  }
  next(0)
}

/** What a loop does with how its body ended: goes on, or is over. */
function afterRound(code: number, flow: Flow | undefined, next: () => void, done: Done): void {
  if (flow?.is === 'break') return flow.levels > 1 ? done(0, { is: 'break', levels: flow.levels - 1 }) : done(0)
  if (flow?.is === 'continue' && flow.levels > 1) return done(0, { is: 'continue', levels: flow.levels - 1 })
  if (flow && flow.is !== 'continue') return done(code, flow)
  next()
}

/** A loop begins; what is returned ends it. */
function loopEnd({ state, done }: Execution): Done {
  state.loopDepth++
  return (code, flow) => {
    state.loopDepth--
    done(code, flow)
  }
}

/** The next round of a loop: at once, unless many have passed without any time. */
function round(state: ShellState, job: Job, next: () => void): void {
  const { clock } = state.environment.context
  const { loops } = state
  if (loops.since !== clock.now()) {
    loops.since = clock.now()
    loops.count = 0
  }
  if (++loops.count <= FREE_ROUNDS) return next()
  const timer = clock.after(ROUND_TIME, () => {
    forget()
    if (!job.killed) next()
  })
  const forget = job.onKill(() => timer.cancel())
}

export function runLoop(command: Extract<Command, { is: 'loop' }>, execution: Execution): void {
  const { state, job, runList } = execution
  const done = loopEnd(execution)
  let last = 0
  const next = (): void =>
    round(state, job, () => {
      const decide: Done = (code, flow) => {
        if (flow) return afterRound(code, flow, next, done)
        if ((code === 0) === command.until) return done(last)
        runList(command.body, (result, ended) => {
          last = result
          afterRound(result, ended, next, done)
        })
      }
      runList(command.condition, decide, true)
    })
  next()
}

export function runFor(command: Extract<Command, { is: 'for' }>, execution: Execution): void {
  const { state, job, runList, expansion } = execution
  const over = (words: readonly string[]): void => {
    const done = loopEnd(execution)
    let last = 0
    const next = (index: number): void => {
      const word = words[index]
      if (word === undefined) return done(last)
      round(state, job, () => {
        state.variables.set(command.name, word)
        runList(command.body, (code, flow) => {
          last = code
          afterRound(code, flow, () => next(index + 1), done)
        })
      })
    }
    next(0)
  }
  if (command.words === null) return over(state.positional)
  expandWords(command.words, expansion, over)
}

export function runCase(command: Extract<Command, { is: 'case' }>, { done, runList, expansion }: Execution): void {
  expandText(command.subject, expansion, (subject) => {
    const tests = command.branches.flatMap((branch) => branch.patterns.map((pattern) => ({ pattern, body: branch.body })))
    const next = (index: number): void => {
      const test = tests[index]
      if (!test) return done(0)
      expandText(test.pattern, expansion, (pattern) => {
        if (matches(subject, pattern)) runList(test.body, done)
        else next(index + 1)
      })
    }
    next(0)
  })
}
