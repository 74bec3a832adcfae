/** A command line of bash as a process, with what it printed so far. */
import { spawn } from 'node:child_process'

export interface Result {
  stdout: string
  stderr: string
  code: number
}

export interface Command {
  /** Resolves once it has ended. */
  ended: Promise<Result>
  /** Resolves with the standard output so far once that matches; rejects where the command ends before. */
  until(pattern: RegExp): Promise<string>
  write(data: string): void
  closeStdin(): void
  /** Interrupts it, as Ctrl-C does, and resolves once it has ended. */
  interrupt(): Promise<Result>
  kill(): void
}

/** How long a command may take before it is killed. */
const PATIENCE = 30_000

export function startCommand(line: string, cwd: string, env: NodeJS.ProcessEnv): Command {
  // a process group of its own, so that a signal reaches every process of the line
  const child = spawn('bash', ['-c', line], { cwd, env, detached: true })
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(-(child.pid as number), name)
    } catch {
      // it has ended
    }
  }
  let stdout = ''
  let stderr = ''
  let over = false
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const each of waiting) each()
  }
  const timer = setTimeout(() => {
    stderr += `\n[killed: it took more than ${PATIENCE / 1000} s]`
    signal('SIGKILL')
  }, PATIENCE)
  child.stdout.on('data', (data) => {
    stdout += data
    look()
  })
  child.stderr.on('data', (data) => (stderr += data))
  child.stdin.on('error', () => {})
  const ended = new Promise<Result>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      over = true
      look()
      resolve({ stdout, stderr, code: code ?? 1 })
    })
  })
  return {
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (pattern.test(stdout)) resolve(stdout)
          else if (over) reject(new Error(`${line}\nended before it printed ${pattern}:\n${stdout}${stderr}`))
          else return
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      }),
    write: (data) => void child.stdin.write(data),
    closeStdin: () => void child.stdin.end(),
    interrupt() {
      signal('SIGINT')
      return ended
    },
    kill: () => signal('SIGKILL'),
  }
}
