/** The terminal of a container: echo, line editing, Ctrl-C and Ctrl-D, as a pty with busybox's shell on it shows them. */
import type { Input } from './input.ts'

const CONTROL_C = '\u0003'
const CONTROL_D = '\u0004'
const ESCAPE = '\u001b'
/** What follows the escape when a cursor or function key is pressed. */
const KEY_SEQUENCE = /^(?:\[[0-9;]*[A-Za-z~]|O[A-Z])/

export class Terminal {
  private readonly input: Input
  private readonly echo: (data: string) => void
  private readonly interrupt: () => void
  private line = ''
  private readonly history: string[] = []
  /** Which line of the history stands there; history.length: the one that is being typed. */
  private at = 0

  /** `input` gets whole lines; `interrupt` is what Ctrl-C does. */
  constructor(input: Input, echo: (data: string) => void, interrupt: () => void) {
    this.input = input
    this.echo = echo
    this.interrupt = interrupt
  }

  /** Keys as they are typed. */
  type(keys: string): void {
    for (let i = 0; i < keys.length; i++) {
      const sequence = keys[i] === ESCAPE ? KEY_SEQUENCE.exec(keys.slice(i + 1))?.[0] : undefined
      if (sequence === undefined) {
        this.key(keys[i] as string)
        continue
      }
      i += sequence.length
      if (sequence.endsWith('A')) this.recall(-1)
      else if (sequence.endsWith('B')) this.recall(1)
    }
  }

  private key(letter: string): void {
    switch (letter) {
      case '\r':
      case '\n': {
        const { line } = this
        this.line = ''
        if (line !== '' && line !== this.history.at(-1)) this.history.push(line)
        this.at = this.history.length
        this.echo('\r\n')
        this.input.push(`${line}\n`)
        return
      }
      case '\u007f':
      case '\b':
        if (this.line !== '') this.echo('\b \b')
        this.line = this.line.slice(0, -1)
        return
      case CONTROL_C:
        this.line = ''
        this.echo('^C\r\n')
        this.interrupt()
        return
      case CONTROL_D:
        if (this.line === '') this.input.endOnce()
        return
      default:
        if (letter < ' ') return
        this.line += letter
        this.echo(letter)
    }
  }

  private recall(step: number): void {
    const next = this.at + step
    if (next < 0 || next > this.history.length) return
    this.at = next
    this.echo('\b \b'.repeat(this.line.length))
    this.line = this.history[next] ?? ''
    this.echo(this.line)
  }
}
