/** The shell against busybox's own answers (shell-answers.json: busybox 1.35 `sh -c SCRIPT` with two lines on standard input). */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startContainer } from '../container.ts'

interface Answer {
  script: string
  stdout: string
  stderr: string
  code: number
}

const answers = JSON.parse(readFileSync(new URL('shell-answers.json', import.meta.url), 'utf8')) as Answer[]

const box = () => startContainer('busybox:1.35', { command: ['sleep', 'infinity'] })

describe('the shell', () => {
  it.each(answers)('answers as busybox: $script', ({ script, stdout, stderr, code }) => {
    expect(box().exec(['sh', '-c', script], 'one two\nthree\n')).toEqual({ stdout, stderr, code })
  })

  it('does not hold up the lab in a loop without end, and stops when it is killed', () => {
    const container = startContainer('busybox', { command: ['sh', '-c', 'while true; do :; done'] })
    container.clock.forward(200)
    expect(container.code()).toBeNull()
    container.running.dispose()
    container.clock.forward(200)
    expect(container.code()).toBe(137)
  })

  it('runs a trap for SIGTERM at once where it waits, and after the command that runs otherwise', () => {
    for (const script of ['trap "echo bye; exit 3" TERM; sleep 100 & wait', 'trap "echo bye; exit 3" TERM; sleep 1; echo never']) {
      const container = startContainer('busybox', { command: ['sh', '-c', script] })
      container.running.terminate()
      container.clock.forward(2_000)
      expect({ text: container.output(), code: container.code() }, script).toEqual({ text: 'bye\n', code: 3 })
    }
  })

  it('runs lines as they come, waits for those that are not whole, and goes on after a mistake', () => {
    const shell = box().terminal(['sh'])
    shell.type('x=1\rif [ $x = 1 ]\rthen echo one\rfi\r')
    shell.type('fi\recho "$x"\rexit 4\r')
    expect(shell.shown()).toBe(
      '/ # x=1\r\n/ # if [ $x = 1 ]\r\n> then echo one\r\n> fi\r\none\r\n/ # fi\r\nsh: syntax error: unexpected "fi"\r\n/ # echo "$x"\r\n1\r\n/ # exit 4\r\n',
    )
    expect(shell.code()).toBe(4)
  })
})
