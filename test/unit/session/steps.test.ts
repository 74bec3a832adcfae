import { describe, expect, it } from 'vitest'
import type { Check, Step } from '../../../server/protocol/lab.ts'
import type { Finding, Notice } from '../../../server/protocol/notices.ts'
import { Steps, type StepShell, type Verdict } from '../../../server/session/steps.ts'
import { compareExit } from '../../../server/topology/verdict.ts'
import { poll } from '../support/poll.ts'
import { labOf, stepOf } from '../support/sample-lab.ts'

const exists: Check = {
  kind: 'existence',
  subject: { resource: 'service', name: 'x', namespace: 'default', selector: null },
  exists: true,
  text: 'service/x exists',
}
const exitOne: Check = { kind: 'exit', operator: '=', value: '1', text: 'exit = 1' }

const step = (number: number, extra: Partial<Step> = {}): Step => stepOf(number, undefined, extra)

const FOUND: Finding = { kind: 'absent', name: 'service/x' }
const VI: Notice = { kind: 'busy', program: 'vi', interrupts: false }

/** A shell whose commands end when the test says so. */
function fakeShell() {
  const log: string[] = []
  let end: ((exit: number | null) => void) | null = null
  let obstacle: Notice | null = null
  let closed: Notice | null = null
  let look = (): void => {}
  const shell: StepShell = {
    makeRoom(waiting, signal) {
      if (obstacle) waiting(obstacle)
      return new Promise((resolve) => {
        look = () => (!obstacle || signal.aborted) && resolve(closed)
        signal.addEventListener('abort', look)
        look()
      })
    },
    run(command) {
      log.push(command)
      return new Promise((resolve) => (end = resolve))
    },
    interrupt() {
      log.push('^C')
      end?.(130)
    },
  }
  return {
    shell,
    log,
    block(reason: Notice | null) {
      obstacle = reason
      look()
    },
    close: () => (closed = { kind: 'shell-closed' }),
    async end(exit: number | null) {
      await poll(() => end)
      const finish = end!
      end = null
      finish(exit)
    },
  }
}

function open(steps: Step[], verdict: () => Verdict = () => ({ holds: true, found: FOUND }), checkTimeout = 60_000) {
  const fake = fakeShell()
  const ended: [string, number | null][] = []
  const runner = new Steps({
    lab: labOf(steps),
    shell: fake.shell,
    evaluate: () => Promise.resolve(verdict()),
    compareExit,
    checkTimeout,
    checkEvery: 1,
    changed: () => {},
    ended: (one, exit) => void ended.push([one.id, exit]),
  })
  const accepted = (id: string) => {
    const answer = runner.run(id)
    if ('refused' in answer) throw new Error(answer.refused.kind)
    return answer.accepted
  }
  return { ...fake, runner, accepted, ended, status: (id: string) => runner.state(id)!.status }
}

describe('the steps of a lab', () => {
  it('are done when the command has ended with 0 and no check is asked for', async () => {
    const { accepted, end, status } = open([step(1)])
    const outcome = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    await end(0)
    expect(await outcome).toEqual({ id: 'talk.1', status: 'done', exit: 0, reason: null })
  })

  it('fail with the exit code that was not expected', async () => {
    const { accepted, end } = open([step(1), step(2, { checks: [exitOne] })])
    const outcome = accepted('talk.1')
    await end(3)
    expect(await outcome).toMatchObject({ status: 'failed', exit: 3, reason: { kind: 'exit', exit: 3, expected: '0' } })
    const expected = accepted('talk.2')
    await end(1)
    expect(await expected).toMatchObject({ status: 'done', exit: 1 })
  })

  it('wait for their checks after the command has ended', async () => {
    let holds = false
    const { accepted, end, runner, status } = open([step(1, { checks: [exists] })], () => ({ holds, found: FOUND }))
    const outcome = accepted('talk.1')
    await end(0)
    await poll(() => runner.state('talk.1')!.exit === 0)
    expect(status('talk.1')).toBe('running')
    holds = true
    expect((await outcome).status).toBe('done')
  })

  it('fail when a check does not come true in time, with what was found instead', async () => {
    const { accepted, end } = open([step(1, { checks: [exists] })], () => ({ holds: false, found: FOUND }), 5)
    const outcome = accepted('talk.1')
    await end(0)
    expect(await outcome).toMatchObject({ status: 'failed', reason: { kind: 'check', check: 'service/x exists', found: FOUND } })
  })

  it('are refused out of order, with the steps that are missing', () => {
    const { runner } = open([step(1), step(2), step(3)])
    expect(runner.run('talk.3')).toEqual({ refused: { kind: 'missing', step: 'talk.3', missing: ['talk.1', 'talk.2'] } })
    expect(runner.run('talk.9')).toEqual({ refused: { kind: 'no-step', step: 'talk.9' } })
  })

  it('run once when two windows ask for the same', async () => {
    const { accepted, end, log } = open([step(1)])
    const [first, second] = [accepted('talk.1'), accepted('talk.1')]
    await end(0)
    expect(await first).toEqual(await second)
    expect((await accepted('talk.1')).status).toBe('done')
    expect(log).toEqual(['command 1'])
  })

  it('wait for a finite step that still runs', async () => {
    const { accepted, end, log, status } = open([step(1), step(2)])
    void accepted('talk.1')
    const second = accepted('talk.2')
    await poll(() => status('talk.1') === 'running')
    expect(status('talk.2')).toBe('waiting')
    expect(log).toEqual(['command 1'])
    await end(0)
    await poll(() => status('talk.2') === 'running')
    await end(0)
    expect((await second).status).toBe('done')
  })

  it('interrupt a step that keeps running', async () => {
    const { accepted, end, log, ended, status } = open([step(1, { keepsRunning: true }), step(2)])
    const first = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    const second = accepted('talk.2')
    expect(await first).toMatchObject({ status: 'done', exit: null })
    await poll(() => status('talk.2') === 'running')
    await end(0)
    await second
    expect(log).toEqual(['command 1', '^C', 'command 2'])
    expect(ended).toEqual([
      ['talk.1', null],
      ['talk.2', 0],
    ])
  })

  it('are done while they keep running as soon as their checks hold', async () => {
    let holds = false
    const { accepted, log, status } = open([step(1, { keepsRunning: true, checks: [exists] })], () => ({ holds, found: FOUND }))
    const outcome = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    holds = true
    expect(await outcome).toMatchObject({ status: 'done', exit: null })
    expect(log).toEqual(['command 1'])
  })

  it('fail when they are interrupted before their checks have held', async () => {
    const { accepted, status } = open([step(1, { keepsRunning: true, checks: [exists] }), step(2)], () => ({ holds: false, found: FOUND }))
    const outcome = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    void accepted('talk.2')
    expect(await outcome).toMatchObject({ status: 'failed', reason: { kind: 'check', check: 'service/x exists', found: FOUND } })
  })

  it('fail when they were to keep running and end by themselves with an error', async () => {
    const { accepted, end } = open([step(1, { keepsRunning: true })])
    const outcome = accepted('talk.1')
    await end(2)
    expect(await outcome).toMatchObject({ status: 'failed', exit: 2 })
  })

  it('wait while a program that a person started has the terminal, those after them too, and run by themselves once it has ended', async () => {
    const { runner, block, accepted, end, log } = open([step(1), step(2)])
    block(VI)
    const [first, second] = [accepted('talk.1'), accepted('talk.2')]
    await poll(() => runner.state('talk.1')!.reason)
    expect(runner.list()).toMatchObject([
      { status: 'waiting', reason: VI },
      { status: 'waiting', reason: null },
    ])
    expect(log).toEqual([])
    block(null)
    await end(0)
    expect(await first).toMatchObject({ status: 'done', reason: null })
    await end(0)
    expect((await second).status).toBe('done')
    expect(log).toEqual(['command 1', 'command 2'])
  })

  it('wait when a person has taken the terminal before their turn', async () => {
    const { runner, accepted, block, end, status } = open([step(1), step(2)])
    void accepted('talk.1')
    const second = accepted('talk.2')
    await poll(() => status('talk.1') === 'running')
    block(VI)
    await end(0)
    await poll(() => runner.state('talk.2')!.reason)
    block(null)
    await end(0)
    expect((await second).status).toBe('done')
  })

  it('that wait are taken back when the talk goes back, and can be asked for again', async () => {
    const { runner, block, accepted, end, log, status } = open([step(1), step(2), step(3)])
    const first = accepted('talk.1')
    await end(0)
    await first
    block(VI)
    const [second, third] = [accepted('talk.2'), accepted('talk.3')]
    runner.withdraw('talk.2')
    expect(runner.list().map((state) => state.status)).toEqual(['done', 'pending', 'pending'])
    expect([(await second).status, (await third).status]).toEqual(['pending', 'pending'])
    block(null)
    const again = accepted('talk.2')
    await end(0)
    expect((await again).status).toBe('done')
    expect([log, status('talk.3')]).toEqual([['command 1', 'command 2'], 'pending'])
  })

  it('that run are not taken back', async () => {
    const { runner, accepted, end, status } = open([step(1)])
    const first = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    runner.withdraw('talk.1')
    await end(0)
    expect((await first).status).toBe('done')
  })

  it('go back to pending where no shell stays up', async () => {
    const { accepted, close } = open([step(1)])
    close()
    expect(await accepted('talk.1')).toMatchObject({ status: 'pending', reason: { kind: 'shell-closed' } })
  })

  it('are owed, all that were run or asked for, when the lab begins anew by itself', async () => {
    const { runner, block, accepted, end } = open([step(1), step(2), step(3)])
    const first = accepted('talk.1')
    await end(0)
    await first
    block(VI)
    const second = accepted('talk.2')
    runner.restart()
    await second
    const owed = { status: 'pending', exit: null, reason: { kind: 'owed' } }
    expect(runner.list()).toMatchObject([owed, owed, { status: 'pending', reason: null }])
    block(null)
    const answer = runner.catchUp('talk.3')
    if ('refused' in answer) throw new Error(answer.refused.kind)
    await end(0)
    await end(0)
    await answer.accepted
    expect(runner.list().map((state) => state.status)).toEqual(['done', 'done', 'pending'])
    runner.reset()
    expect(runner.list().every((state) => state.reason === null)).toBe(true)
  })

  it('can be run again after they have failed, and let the next one go on', async () => {
    const { accepted, end, status } = open([step(1), step(2)])
    const first = accepted('talk.1')
    await end(1)
    await first
    const second = accepted('talk.2')
    await end(0)
    expect((await second).status).toBe('done')
    const again = accepted('talk.1')
    await end(0)
    await again
    expect(status('talk.1')).toBe('done')
  })

  it('are caught up in order, up to the one that was asked for', async () => {
    const { runner, end, log } = open([step(1), step(2), step(3), step(4)])
    const answer = runner.catchUp('talk.4')
    if ('refused' in answer) throw new Error(answer.refused.kind)
    for (let n = 0; n < 3; n++) await end(0)
    await answer.accepted
    expect(log).toEqual(['command 1', 'command 2', 'command 3'])
    expect(runner.missing('talk.4')).toEqual([])
  })

  it('are caught up through steps that keep running', async () => {
    const { runner, end, log } = open([step(1, { keepsRunning: true }), step(2), step(3)])
    const answer = runner.catchUp('talk.3')
    if ('refused' in answer) throw new Error(answer.refused.kind)
    await poll(() => log.includes('command 2'))
    await end(0)
    await answer.accepted
    expect(log).toEqual(['command 1', '^C', 'command 2'])
  })

  it('are not caught up for ever where a check of one that keeps running never holds', async () => {
    const steps = [step(1, { keepsRunning: true, checks: [exists] }), step(2), step(3)]
    const { runner, end, log, status } = open(steps, () => ({ holds: false, found: FOUND }), 5)
    const answer = runner.catchUp('talk.3')
    if ('refused' in answer) throw new Error(answer.refused.kind)
    await poll(() => log.includes('command 2'))
    await end(0)
    await answer.accepted
    expect(status('talk.1')).toBe('failed')
  })

  it('stop catching up at a step that fails', async () => {
    const { runner, end, log } = open([step(1), step(2), step(3)])
    const answer = runner.catchUp('talk.3')
    if ('refused' in answer) throw new Error(answer.refused.kind)
    await end(1)
    expect(await answer.accepted).toMatchObject({ id: 'talk.1', status: 'failed' })
    expect(log).toEqual(['command 1'])
  })

  it('are all pending after a reset, and what was running counts no more', async () => {
    const { runner, accepted, end, status } = open([step(1), step(2)])
    const first = accepted('talk.1')
    await poll(() => status('talk.1') === 'running')
    runner.reset()
    await end(0)
    await first
    expect(runner.list().map((state) => state.status)).toEqual(['pending', 'pending'])
    const again = accepted('talk.1')
    await end(0)
    expect((await again).status).toBe('done')
  })

  it('fail when the shell ends under them', async () => {
    const { accepted, end } = open([step(1)])
    const outcome = accepted('talk.1')
    await end(null)
    expect(await outcome).toMatchObject({ status: 'failed', reason: { kind: 'shell-ended' } })
  })

  it('keep what was run when the deck is edited, but for a step whose command is another now', async () => {
    const { runner, accepted, end, status } = open([step(1), step(2), step(3)])
    for (const id of ['talk.1', 'talk.2']) {
      const done = accepted(id)
      await end(0)
      await done
    }
    runner.update(labOf([step(1), step(2, { command: 'another' }), step(3), step(4)]))
    expect(runner.list().map((state) => state.status)).toEqual(['done', 'pending', 'pending', 'pending'])
    const again = accepted('talk.2')
    await end(0)
    await again
    expect(status('talk.2')).toBe('done')
  })

  it('say nothing about what stands in the place of a step that ran while the deck was edited', async () => {
    const { runner, accepted, end, status, log } = open([step(1)])
    const running = accepted('talk.1')
    await poll(() => log.length > 0)
    runner.update(labOf([step(1, { command: 'another' })]))
    await end(0)
    await running
    expect(status('talk.1')).toBe('pending')
  })
})
