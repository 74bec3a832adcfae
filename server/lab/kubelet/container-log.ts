/** A container's log, as the runtime keeps it for the API's log subresource. */
import type { ContainerLog, LogLine } from '../contracts/logs.ts'

/** Lines that are kept: kubelet rotates at 10 MiB, the lab well before its memory grows. */
const KEPT_LINES = 2000

export class LogBuffer implements ContainerLog {
  readonly lines: LogLine[] = []
  private readonly followers = new Set<{ line: (line: LogLine) => void; ended: () => void }>()
  private ended = false

  append(at: number, text: string, partial = false): void {
    const line: LogLine = partial ? { at, text, partial } : { at, text }
    this.lines.push(line)
    if (this.lines.length > KEPT_LINES) this.lines.splice(0, this.lines.length - KEPT_LINES)
    for (const follower of [...this.followers]) follower.line(line)
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    for (const follower of [...this.followers]) follower.ended()
    this.followers.clear()
  }

  follow(line: (line: LogLine) => void, ended: () => void): { dispose(): void } {
    if (this.ended) {
      ended()
      return { dispose() {} }
    }
    const follower = { line, ended }
    this.followers.add(follower)
    return { dispose: () => void this.followers.delete(follower) }
  }
}
