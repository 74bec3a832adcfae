/** What a container's first process writes: into its log, line by line, and to whoever is attached, as it comes. */
import type { Clock } from '../clock.ts'
import type { ExecOutput } from '../contracts/exec.ts'
import type { LogBuffer } from './container-log.ts'

type Stream = 'stdout' | 'stderr'

export class ContainerStreams {
  private readonly clock: Clock
  private readonly log: LogBuffer
  private readonly tty: boolean
  /** What stands on the last line so far. */
  private readonly rest: Record<Stream, string> = { stdout: '', stderr: '' }
  private readonly attached = new Set<ExecOutput>()
  private ended = false

  constructor(clock: Clock, log: LogBuffer, tty: boolean) {
    this.clock = clock
    this.log = log
    this.tty = tty
  }

  write(stream: Stream, data: string): void {
    if (this.ended || data === '') return
    // a terminal has one stream, and goes back to the first column itself
    const to = this.tty ? 'stdout' : stream
    const text = this.tty ? data.replace(/\r?\n/g, '\r\n') : data
    for (const output of [...this.attached]) output[to](text)
    const lines = (this.rest[to] + text).split('\n')
    this.rest[to] = lines.pop() as string
    for (const line of lines) this.log.append(this.clock.now(), line)
  }

  /** The process has ended: a line without an end is written as it is, and who is attached learns of it. */
  end(): void {
    if (this.ended) return
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.rest[stream] !== '') this.log.append(this.clock.now(), this.rest[stream], true)
    }
    this.ended = true
    this.log.end()
    for (const output of [...this.attached]) output.exit(0)
    this.attached.clear()
  }

  /** From now on. `output.exit` is called when the process ends, whatever its code: whoever is attached does not learn it. */
  attach(output: ExecOutput): { dispose(): void } {
    this.attached.add(output)
    return { dispose: () => void this.attached.delete(output) }
  }
}
