import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSteps } from '../../../server/deck/steps.ts'

const read = (text: string) => parseSteps(text.split('\n'))

describe('the lines of a lab', () => {
  it('are commands, in order', () => {
    const { steps, errors } = read('# kubectl get pod\n\n# kubectl get svc  ')
    expect(errors).toEqual([])
    expect(steps).toEqual([
      { command: 'kubectl get pod', keepsRunning: false, checks: [], line: 0 },
      { command: 'kubectl get svc', keepsRunning: false, checks: [], line: 2 },
    ])
  })

  it('go on after a backslash, and keep their line breaks', () => {
    const { steps } = read('# kubectl expose deployment x \\\n    --port=80\n# next')
    expect(steps.map(({ command, line }) => [command, line])).toEqual([
      ['kubectl expose deployment x \\\n    --port=80', 0],
      ['next', 2],
    ])
  })

  it('end with a backslash that is itself escaped', () => {
    expect(read('# echo \\\\\n# next').steps.map((step) => step.command)).toEqual(['echo \\\\', 'next'])
  })

  it('put checks and ^C to the command above', () => {
    const { steps, errors } = read('# a\n? exit = 0\n# kubectl get pod -w\n? pod count = 1\n^C\n? pod exists')
    expect(errors).toEqual([])
    expect(steps.map((step) => [step.keepsRunning, step.checks.map((check) => check.text)])).toEqual([
      [false, ['exit = 0']],
      [true, ['pod count = 1', 'pod exists']],
    ])
  })

  it.each([
    ['kubectl get pod', 0, 'is no line of a lab'],
    ['#kubectl get pod', 0, 'is no line of a lab'],
    ['#', 0, 'there is no command after #'],
    ['? exit = 0\n# a', 0, 'a check stands below the command'],
    ['^C\n# a', 0, '^C stands below the command'],
    ['# a\n^C\n^C', 2, 'has its ^C already'],
    ['# a\n^C\n? exit = 0', 2, 'has no exit code'],
    ['# a\n? exit = 0\n^C', 2, 'has no exit code'],
    ['# a\n? pod', 1, 'says nothing about'],
    ['# a\n# b \\', 1, 'nothing follows it'],
    ['', -1, 'the lab has no step'],
    ['\n  \n', -1, 'the lab has no step'],
  ])('refuse %j, in line %i', (text, line, message) => {
    expect(read(text).errors).toContainEqual({ line, message: expect.stringContaining(message) })
  })

  it('report every error, not the first alone', () => {
    expect(read('a\n# b\nc').errors.map((error) => error.line)).toEqual([0, 2])
  })

  it('give back the commands that were written, whatever they are', () => {
    const command = fc
      .array(
        fc.stringMatching(/^[^\s\\][^\n\r\\]{0,30}$/).filter((text) => text === text.trim()),
        { minLength: 1, maxLength: 3 },
      )
      .map((lines) => lines.join(' \\\n'))
    fc.assert(
      fc.property(fc.array(command, { minLength: 1, maxLength: 6 }), (commands) => {
        const { steps, errors } = read(commands.map((text) => `# ${text}`).join('\n'))
        expect(errors).toEqual([])
        expect(steps.map((step) => step.command)).toEqual(commands)
      }),
    )
  })
})
