/** The log of a container: the kubelet keeps it, the API server hands it out. */
import type { Disposable } from '../store/store.ts'

export interface LogLine {
  /** Lab time, ms. */
  at: number
  text: string
  /** The process ended in the middle of it: no newline follows. */
  partial?: true
}

export interface ContainerLog {
  /** What the node says in place of lines that went with their container. */
  readonly lost?: string
  readonly lines: readonly LogLine[]
  /** Lines from now on; `ended` once where the container ends, at once where it has ended already. */
  follow(line: (line: LogLine) => void, ended: () => void): Disposable
}
