/** The shell against what busybox's own answers (shell-answers.json: busybox 1.35 `sh -c SCRIPT` with two lines on standard input). */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../../server/lab/clock.ts'
import type { ContainerContext } from '../../../../../server/lab/kubelet/image.ts'
import { Input } from '../../../../../server/lab/kubelet/images/input.ts'
import { createEnvironment } from '../../../../../server/lab/kubelet/images/processes.ts'
import { runLines, runShell } from '../../../../../server/lab/kubelet/images/shell/interpreter.ts'
import { Job, ShellState } from '../../../../../server/lab/kubelet/images/shell/state.ts'

interface Answer {
  script: string
  stdout: string
  stderr: string
  code: number
}

const answers = JSON.parse(readFileSync(new URL('shell-answers.json', import.meta.url), 'utf8')) as Answer[]

function start(): { state: ShellState; clock: ManualClock } {
  const clock = new ManualClock()
  const context = {
    clock,
    container: { name: 'c', image: 'busybox', command: [], args: [], env: { PATH: '/bin' }, stdin: false, tty: false },
    hostname: 'pod',
    pod: { metadata: { name: 'pod', namespace: 'default' }, status: {} },
  } as unknown as ContainerContext
  return { state: new ShellState(createEnvironment(context, ['sh', 'ls', 'cat', 'echo', 'sleep'])), clock }
}

describe('the shell', () => {
  it.each(answers)('answers as busybox: $script', ({ script, stdout, stderr, code }) => {
    const { state, clock } = start()
    const got = { stdout: '', stderr: '', code: -1 }
    const streams = {
      stdin: Input.of('one two\nthree\n'),
      stdout: (data: string) => void (got.stdout += data),
      stderr: (data: string) => void (got.stderr += data),
    }
    runShell(['-c', script], state, streams, new Job(), (last) => (got.code = last))
    clock.forward(1_000)
    expect(got).toEqual({ stdout, stderr, code })
  })

  it('does not hold up the lab in a loop without end, and stops when it is killed', () => {
    const { state, clock } = start()
    const job = new Job()
    let ended = false
    runShell(['-c', 'while true; do :; done'], state, { stdin: Input.of(''), stdout() {}, stderr() {} }, job, () => (ended = true))
    clock.forward(200)
    job.kill()
    clock.forward(200)
    expect(ended).toBe(false)
  })

  it('runs a trap for SIGTERM at once where it waits, and after the command that runs otherwise', () => {
    for (const [script, out] of [
      ['trap "echo bye; exit 3" TERM; sleep 100 & wait', 'bye\n'],
      ['trap "echo bye; exit 3" TERM; sleep 1; echo never', 'bye\n'],
    ] as const) {
      const { state, clock } = start()
      let text = ''
      let code = -1
      runShell(
        ['-c', script],
        state,
        { stdin: Input.of(''), stdout: (data) => void (text += data), stderr() {} },
        new Job(),
        (last) => (code = last),
      )
      state.signal.pending = 'TERM'
      state.onSignal?.()
      clock.forward(2_000)
      expect({ text, code }, script).toEqual({ text: out, code: 3 })
    }
  })

  it('runs lines as they come, waits for those that are not whole, and goes on after a mistake', () => {
    const { state } = start()
    const input = new Input()
    let text = ''
    const prompts: boolean[] = []
    const streams = { stdin: input, stdout: (data: string) => void (text += data), stderr: (data: string) => void (text += data) }
    let code = -1
    runLines(
      state,
      streams,
      new Job(),
      (unfinished) => void prompts.push(unfinished),
      (last) => (code = last),
    )
    input.push('x=1\nif [ $x = 1 ]\nthen echo one\nfi\n')
    input.push('fi\necho "$x"\nexit 4\n')
    expect(text).toBe('one\nsh: syntax error: unexpected "fi"\n1\n')
    expect(prompts).toEqual([false, false, true, true, false, false, false])
    expect(code).toBe(4)
  })
})
