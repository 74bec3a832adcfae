/** A command that runs inside a container, as whoever asked for it sees it: exec, attach and exec probes. */

export interface ExecOutput {
  stdout(data: string): void
  stderr(data: string): void
  exit(code: number): void
  /** The command could not even start: the message as the runtime words it. Nothing comes after it. */
  fail(message: string): void
}

export interface ExecProcess {
  stdin(data: string): void
  closeStdin(): void
  resize(columns: number, rows: number): void
  kill(): void
}

/** Why a kubelet does not even begin a stream: in its own words, or (`silent`) in none, as where the runtime finds the options at odds. */
export type StreamRefusal = { words: string } | 'silent'
