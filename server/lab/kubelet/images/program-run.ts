/** What a program of an image gets to run with. Apart from the shell, so that programs and shell can know it both. */
import type { Timer } from '../../clock.ts'
import type { ContainerContext } from '../image.ts'
import type { Input } from './input.ts'

export interface ShellOutput {
  stdout(data: string): void
  stderr(data: string): void
}

/** What a shell runs in: one container. */
export interface ShellEnvironment {
  context: ContainerContext
  /** Programs on PATH. */
  programs: readonly string[]
  files: Map<string, string>
  /** Folders that were made since, beside those that files imply. */
  folders: Set<string>
  /** The size of the terminal that the session has; absent where it has none. */
  terminal?: { columns: number; rows: number }
}

export interface ShellProcess {
  /** Ends it without calling back. */
  kill(): void
}

/** A program's run: `done` is called once, later or at once. */
export interface ProgramRun {
  environment: ShellEnvironment
  argv: string[]
  /** The current folder. */
  folder: string
  variables: Record<string, string>
  stdin: Input
  output: ShellOutput
  done(code: number): void
  /** Ends with the process; for timers. */
  onKill(stop: () => void): void
}

/** Reads standard input to its end. */
export function readAll(run: ProgramRun, then: (text: string) => void): void {
  let text = ''
  run.onKill(
    run.stdin.read(
      (data) => (text += data),
      () => then(text),
    ),
  )
}

/** Calls back after a while of lab time, unless the process is killed. */
export function later(run: ProgramRun, ms: number, fire: () => void): void {
  const timer: Timer = run.environment.context.clock.after(ms, fire)
  run.onKill(() => timer.cancel())
}

export type Program = (run: ProgramRun) => void
