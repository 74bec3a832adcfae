/** What images with a shell share: their first process and the commands that exec starts beside it. */
import type { ExecOutput, ExecProcess } from '../../context.ts'
import type { ContainerContext, RunningContainer } from '../image.ts'
import type { ShellEnvironment, ShellOutput } from './program-run.ts'
import { findProgram, runShell, Shell } from './shell.ts'

/** Thrown by an image's start where the command does not exist; the runtime makes StartError of it. */
export class ExecutableNotFound extends Error {
  readonly executable: string

  constructor(executable: string) {
    super(`exec: "${executable}": executable file not found in $PATH`)
    this.executable = executable
  }
}

const SHELLS = new Set(['sh', '/bin/sh', 'ash', '/bin/ash'])

export function createEnvironment(
  context: ContainerContext,
  programs: readonly string[],
  files: Record<string, string> = {},
): ShellEnvironment {
  const address = context.pod.status?.podIP ?? '127.0.0.1'
  return {
    context,
    programs,
    files: new Map(
      Object.entries({
        '/etc/hostname': `${context.hostname}\n`,
        '/etc/hosts': `# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n${address}\t${context.hostname}\n`,
        '/etc/resolv.conf': `search ${context.pod.metadata.namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
        ...files,
      }),
    ),
  }
}

/** Splits a stream into the lines of a container's log. */
function logLines(context: ContainerContext): { write(data: string): void; flush(): void } {
  let rest = ''
  return {
    write(data) {
      const lines = (rest + data).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) context.log(line)
    },
    flush() {
      if (rest) context.log(rest)
      rest = ''
    },
  }
}

/** A first process that is a command line. A shell as process 1 does not act on SIGTERM, so it is killed when its grace period is over. */
export function runCommandLine(environment: ShellEnvironment, argv: string[]): RunningContainer {
  const { context } = environment
  const lines = logLines(context)
  const output: ShellOutput = { stdout: lines.write, stderr: lines.write }
  const shell = new Shell(environment)
  const done = (code: number): void => {
    lines.flush()
    context.exit(code)
  }
  const [name = ''] = argv
  const start = (): void => {
    if (SHELLS.has(name)) runShell(shell, argv.slice(1), '', output, done)
    else shell.run(argv.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' '), '', output, done)
  }
  if (!SHELLS.has(name) && !findProgram(environment, name)) throw new ExecutableNotFound(name)
  const timer = context.clock.after(1, start)
  return {
    terminate() {},
    dispose() {
      timer.cancel()
      shell.kill()
    },
    exec: (command, tty, into) => execIn(environment, command, tty, into),
  }
}

/** Starts a command in a running container, as `kubectl exec` does. */
export function execIn(environment: ShellEnvironment, argv: string[], tty: boolean, output: ExecOutput): ExecProcess {
  const [name = ''] = argv
  const newline = (data: string): string => (tty ? data.replaceAll('\n', '\r\n') : data)
  const into: ShellOutput = {
    stdout: (data) => output.stdout(newline(data)),
    stderr: (data) => (tty ? output.stdout(newline(data)) : output.stderr(data)),
  }
  const session: ShellEnvironment = tty ? { ...environment, terminal: { columns: 0, rows: 0 } } : environment
  const resize = (columns: number, rows: number): void => void Object.assign(session.terminal ?? {}, { columns, rows })
  const shell = new Shell(session)
  if (!SHELLS.has(name) && !findProgram(environment, name)) {
    output.fail(
      `failed to exec in container: failed to start exec "${randomId(environment)}": OCI runtime exec failed: exec failed: unable to start container process: exec: "${name}": executable file not found in $PATH: unknown`,
    )
    return { stdin() {}, closeStdin() {}, resize() {}, kill() {} }
  }
  if (SHELLS.has(name) && argv[1] === undefined) {
    return tty ? { ...interactive(shell, into, output), resize } : script(shell, into, output)
  }
  const run = (stdin: string): void => {
    if (SHELLS.has(name)) runShell(shell, argv.slice(1), stdin, into, output.exit)
    else shell.run(argv.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`).join(' '), stdin, into, output.exit)
  }
  const readsInput = ['cat', 'head', 'tail', 'grep', 'wc'].includes(name) && argv.length < 2
  if (!readsInput) {
    const timer = environment.context.clock.after(0, () => run(''))
    return {
      stdin() {},
      closeStdin() {},
      resize,
      kill: () => {
        timer.cancel()
        shell.kill()
      },
    }
  }
  let input = ''
  return {
    stdin: (data) => void (input += data),
    closeStdin: () => run(input),
    resize() {},
    kill: () => shell.kill(),
  }
}

/** `exec -i POD -- sh`: the script comes on standard input, to its end. */
function script(shell: Shell, into: ShellOutput, output: ExecOutput): ExecProcess {
  let input = ''
  let started = false
  return {
    stdin: (data) => void (input += data),
    closeStdin: () => {
      if (started) return
      started = true
      shell.run(input, '', into, output.exit)
    },
    resize() {},
    kill: () => shell.kill(),
  }
}

/** `exec -it POD -- sh`: a prompt, echo, backspace, Ctrl-C and Ctrl-D. */
function interactive(shell: Shell, into: ShellOutput, output: ExecOutput): ExecProcess {
  const prompt = '/ # '
  let line = ''
  let busy = false
  const queue: string[] = []
  output.stdout(prompt)
  const runLine = (text: string): void => {
    busy = true
    shell.run(text, '', into, () => {
      busy = false
      if (shell.exited !== null) return output.exit(shell.exited)
      output.stdout(prompt)
      const next = queue.splice(0).join('')
      if (next) process(next)
    })
  }
  const process = (data: string): void => {
    for (let i = 0; i < data.length; i++) {
      const letter = data[i] as string
      if (busy) {
        if (letter === '\u0003') {
          shell.kill()
          output.exit(130)
          return
        }
        queue.push(letter)
      } else if (letter === '\r' || letter === '\n') {
        output.stdout('\r\n')
        const text = line
        line = ''
        runLine(text)
      } else if (letter === '\u007f' || letter === '\b') {
        if (line) output.stdout('\b \b')
        line = line.slice(0, -1)
      } else if (letter === '\u0003') {
        output.stdout('^C\r\n' + prompt)
        line = ''
      } else if (letter === '\u0004') {
        if (line === '') return output.exit(0)
      } else if (letter >= ' ') {
        line += letter
        output.stdout(letter)
      }
    }
  }
  return { stdin: process, closeStdin: () => output.exit(0), resize() {}, kill: () => shell.kill() }
}

function randomId(environment: ShellEnvironment): string {
  let id = ''
  while (id.length < 64) id += Math.floor(environment.context.random() * 16).toString(16)
  return id
}
