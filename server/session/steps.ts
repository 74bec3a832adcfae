/**
 * The steps of one lab, run in the deck's order, one at a time.
 *
 * | status  | on                                                            | next                                   |
 * |---------|---------------------------------------------------------------|----------------------------------------|
 * | pending | run, all steps before were run                                | waiting; running at once if none runs  |
 * | pending | run, a step before was not run                                | refused, with the steps that are missing |
 * | waiting | the steps before it in the queue have ended, and the shell is at its prompt | running                  |
 * | waiting | they have ended, but the shell belongs to a program that a person started | waiting, with the program as its reason |
 * | waiting | withdraw: the talk goes back                                  | pending                                |
 * | running | the command has ended, exit code and checks as expected       | done                                   |
 * | running | the exit code is another, or a check did not hold in time     | failed                                 |
 * | running | it keeps running, and its checks hold (at once if it has none and another step wants the shell) | done, its command still in the foreground |
 * | running | it keeps running, the next step interrupts it, a check never held | failed                             |
 * | failed  | run                                                           | waiting                                |
 * | done    | run                                                           | done: two windows of one speaker may both ask |
 * | any     | reset                                                         | pending                                |
 * | any but pending | restart: the lab ended, and begins anew               | pending, owed                          |
 *
 * A failed step counts as run: a speaker may go on after it.
 */
import { messageOf } from '../problem.ts'
import { stepsOf, type Check, type Lab, type Step } from '../protocol/lab.ts'
import type { StepState } from '../protocol/messages.ts'
import type { Finding, Notice } from '../protocol/notices.ts'

export interface Verdict {
  holds: boolean
  /** What there is. */
  found: Finding
}

/** The shell as steps need it. */
export interface StepShell {
  /**
   * Resolves once a command can be typed, with null; or with what will stand in the way for good. `waiting` is told what it waits for: a program that a
   * person started. Resolves at once where the signal is given up.
   */
  makeRoom(waiting: (obstacle: Notice) => void, signal: AbortSignal): Promise<Notice | null>
  /** Types the command and resolves with its exit code once it has ended; `null` where the shell itself ended. */
  run(command: string): Promise<number | null>
  /** Ctrl-C. The promise of `run` resolves when the command has ended. */
  interrupt(): void
}

export interface StepsOptions {
  lab: Lab
  shell: StepShell
  /** Looks at the cluster. Not called for checks of the exit code. */
  evaluate(check: Exclude<Check, { kind: 'exit' }>): Promise<Verdict>
  compareExit(check: Extract<Check, { kind: 'exit' }>, exit: number): boolean
  /** How long checks have to come true after the command has ended, ms. */
  checkTimeout: number
  /** Between two looks at the cluster, ms. */
  checkEvery: number
  changed(states: StepState[]): void
  /** A command is about to be typed; it has ended (exit null: interrupted). */
  began?(step: Step): void
  ended?(step: Step, exit: number | null): void
}

export type RunAnswer = { accepted: Promise<StepState> } | { refused: Notice }

/** A step that is still to be run; `reason`: why it is once more. */
export function pending(id: string, reason: Notice | null = null): StepState {
  return { id, status: 'pending', exit: null, reason }
}

export class Steps {
  private readonly options: StepsOptions
  private steps: Step[]
  private readonly states: Map<string, StepState>
  private readonly outcomes = new Map<string, Promise<StepState>>()
  /** What gives up a step that was asked for, by its id. */
  private readonly requests = new Map<string, AbortController>()
  /** Everything that wants the shell, one after the other. */
  private queue: Promise<unknown> = Promise.resolve()
  /** The step whose command goes on in the foreground, and what ends it. */
  private foreground: { step: Step; interrupt: () => Promise<void> } | null = null
  /** Raised by reset: what was begun before it no longer counts. */
  private epoch = 0

  constructor(options: StepsOptions) {
    this.options = options
    this.steps = stepsOf(options.lab)
    this.states = new Map(this.steps.map((step) => [step.id, pending(step.id)]))
  }

  list(): StepState[] {
    return this.steps.map((step) => this.states.get(step.id)!)
  }

  state(id: string): StepState | null {
    return this.states.get(id) ?? null
  }

  /** Steps before this one that were not run. */
  missing(id: string): string[] {
    const at = this.steps.findIndex((step) => step.id === id)
    return this.steps.slice(0, at).flatMap((step) => (this.states.get(step.id)!.status === 'pending' ? [step.id] : []))
  }

  /** Runs one step. */
  run(id: string): RunAnswer {
    const step = this.steps.find((candidate) => candidate.id === id)
    if (!step) return { refused: { kind: 'no-step', step: id } }
    const state = this.states.get(id)!
    if (state.status === 'done') return { accepted: Promise.resolve(state) }
    const outcome = this.outcomes.get(id)
    if (outcome) return { accepted: outcome }
    const missing = this.missing(id)
    if (missing.length > 0) return { refused: { kind: 'missing', step: id, missing } }
    return { accepted: this.enqueue(step) }
  }

  /** Takes back a step and those after it, as far as they have not begun. */
  withdraw(id: string): void {
    const at = this.steps.findIndex((step) => step.id === id)
    if (at === -1) return
    for (const step of this.steps.slice(at)) {
      if (this.states.get(step.id)!.status !== 'waiting') continue
      this.requests.get(step.id)?.abort()
      this.outcomes.delete(step.id)
      this.set(step, { status: 'pending', reason: null })
    }
  }

  /** Runs the steps before this one that were not run, in order, and stops at one that fails. */
  catchUp(id: string): RunAnswer {
    if (!this.states.has(id)) return { refused: { kind: 'no-step', step: id } }
    const first = this.missing(id)[0]
    if (first === undefined) return { accepted: Promise.resolve(this.states.get(id)!) }
    const answer = this.run(first)
    if ('refused' in answer) return answer
    const { epoch } = this
    const follow = async (): Promise<StepState> => {
      let state = await this.passed(first, answer.accepted)
      while (state.status !== 'failed' && state.status !== 'pending' && epoch === this.epoch) {
        const next = this.missing(id)[0]
        if (next === undefined) break
        const following = this.run(next)
        if ('refused' in following) return { ...this.states.get(next)!, reason: following.refused }
        state = await this.passed(next, following.accepted)
      }
      return state
    }
    return { accepted: follow() }
  }

  /** Resolves when a step that is caught up has gone far enough for the next one: one that keeps running has its checks to meet, and no more time than others. */
  private async passed(id: string, outcome: Promise<StepState>): Promise<StepState> {
    const step = this.steps.find((candidate) => candidate.id === id)!
    if (!step.keepsRunning) return outcome
    if (!step.checks.some((check) => check.kind !== 'exit')) return this.states.get(id)!
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, this.options.checkTimeout)))
    await Promise.race([outcome, limit])
    clearTimeout(timer)
    return this.states.get(id)!
  }

  /** Forgets what was run. The shell is expected to be started anew. */
  reset(): void {
    this.begin(() => null)
  }

  /** Everything that was run is gone, without anybody having asked for that: it is to be run again, by the next click at the latest. */
  restart(): void {
    this.begin(({ status, reason }) => (status !== 'pending' || reason?.kind === 'owed' ? { kind: 'owed' } : null))
  }

  private begin(reason: (before: StepState) => Notice | null): void {
    this.epoch++
    this.foreground = null
    for (const request of this.requests.values()) request.abort()
    this.requests.clear()
    this.outcomes.clear()
    this.queue = Promise.resolve()
    for (const before of this.list()) this.states.set(before.id, pending(before.id, reason(before)))
    this.options.changed(this.list())
  }

  /** Goes on with another version of the lab: a step that runs the same command as before keeps its state, every other one is still to be run. */
  update(lab: Lab): void {
    const before = new Map(this.steps.map((step) => [step.id, step]))
    this.steps = stepsOf(lab)
    for (const { id, command } of this.steps) if (before.get(id)?.command !== command) this.states.set(id, pending(id))
    this.options.changed(this.list())
  }

  private set(step: Step, change: Partial<StepState>): StepState {
    const state = { ...this.states.get(step.id)!, ...change }
    // the deck may have been edited while the step ran: its end is no news about what stands in its place
    if (!this.steps.some((one) => one.id === step.id && one.command === step.command)) return state
    this.states.set(step.id, state)
    this.options.changed(this.list())
    return state
  }

  private enqueue(step: Step): Promise<StepState> {
    const { epoch } = this
    const request = new AbortController()
    this.requests.set(step.id, request)
    this.set(step, { status: 'waiting', exit: null, reason: null })
    const released = Promise.withResolvers<void>()
    const outcome = this.queue
      .then(() => (request.signal.aborted ? this.states.get(step.id)! : this.perform(step, epoch, request.signal, released.resolve)))
      .catch((error: unknown) => this.settle(step, epoch, { status: 'failed', reason: { kind: 'fault', why: messageOf(error) } }))
      .finally(() => {
        released.resolve()
        if (this.requests.get(step.id) === request) this.requests.delete(step.id)
        if (this.outcomes.get(step.id) === outcome) this.outcomes.delete(step.id)
      })
    this.outcomes.set(step.id, outcome)
    this.queue = released.promise
    return outcome
  }

  private settle(step: Step, epoch: number, change: Partial<StepState>): StepState {
    return epoch === this.epoch ? this.set(step, change) : this.states.get(step.id)!
  }

  /** `release` lets the next in the queue begin: after the end of a finite step, after the typing of one that keeps running. */
  private async perform(step: Step, epoch: number, signal: AbortSignal, release: () => void): Promise<StepState> {
    const { shell } = this.options
    await this.foreground?.interrupt()
    const obstacle = signal.aborted ? null : await shell.makeRoom((reason) => signal.aborted || this.set(step, { reason }), signal)
    if (signal.aborted) return this.states.get(step.id)!
    if (obstacle) return this.settle(step, epoch, { status: 'pending', reason: obstacle })
    this.set(step, { status: 'running', reason: null })
    this.options.began?.(step)
    const ending = shell.run(step.command)
    if (!step.keepsRunning) return this.performFinite(step, epoch, await ending)
    const outcome = this.performKeptRunning(step, epoch, ending)
    release()
    return outcome
  }

  private async performFinite(step: Step, epoch: number, exit: number | null): Promise<StepState> {
    if (epoch !== this.epoch) return this.states.get(step.id)!
    this.options.ended?.(step, exit)
    if (exit === null) return this.settle(step, epoch, { status: 'failed', reason: { kind: 'shell-ended' } })
    const wrong = this.wrongExit(step, exit)
    if (wrong) return this.settle(step, epoch, { status: 'failed', exit, reason: wrong })
    this.settle(step, epoch, { exit })
    const unmet = await this.waitForChecks(step, () => epoch !== this.epoch, performance.now() + this.options.checkTimeout)
    return this.settle(step, epoch, unmet === null ? { status: 'done' } : { status: 'failed', reason: unmet })
  }

  private async performKeptRunning(step: Step, epoch: number, ending: Promise<number | null>): Promise<StepState> {
    const { shell } = this.options
    let interrupted = false
    let over = false
    const end = ending.then((exit) => {
      over = true
      if (epoch !== this.epoch) return exit
      if (this.foreground?.step === step) this.foreground = null
      this.options.ended?.(step, interrupted ? null : exit)
      return exit
    })
    this.foreground = {
      step,
      interrupt: async () => {
        interrupted = true
        shell.interrupt()
        await end
      },
    }
    const hasChecks = step.checks.some((check) => check.kind !== 'exit')
    // until it is interrupted or ends by itself there is no limit: it keeps running, that is its nature
    const unmet = hasChecks ? await this.waitForChecks(step, () => over || epoch !== this.epoch, Infinity) : (await end, null)
    if (hasChecks && unmet === null) return this.settle(step, epoch, { status: 'done' })
    const exit = await end
    if (!interrupted) {
      const wrong: Notice | null = exit === null ? { kind: 'shell-ended' } : this.wrongExit(step, exit)
      if (wrong) return this.settle(step, epoch, { status: 'failed', exit, reason: wrong })
    }
    const late = hasChecks
      ? await this.waitForChecks(step, () => epoch !== this.epoch, interrupted ? 0 : performance.now() + this.options.checkTimeout)
      : null
    return this.settle(step, epoch, late === null ? { status: 'done' } : { status: 'failed', reason: late })
  }

  private wrongExit(step: Step, exit: number): Notice | null {
    const expected = step.checks.filter((check) => check.kind === 'exit')
    if (expected.length === 0) return exit === 0 ? null : { kind: 'exit', exit, expected: '0' }
    const wrong = expected.find((check) => !this.options.compareExit(check, exit))
    return wrong ? { kind: 'exit', exit, expected: wrong.operator === '=' ? wrong.value : `${wrong.operator} ${wrong.value}` } : null
  }

  /** Null once all checks hold, or what the first one that does not found when time was up (or `stop` said so). At least one look. */
  private async waitForChecks(step: Step, stop: () => boolean, until: number): Promise<Notice | null> {
    for (const check of step.checks) {
      if (check.kind === 'exit') continue
      for (;;) {
        const { holds, found } = await this.options.evaluate(check)
        if (holds) break
        if (stop() || performance.now() >= until) return { kind: 'check', check: check.text, found }
        await new Promise((resolve) => setTimeout(resolve, this.options.checkEvery))
      }
    }
    return null
  }
}
