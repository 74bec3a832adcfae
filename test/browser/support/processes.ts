/** Processes of this machine: who started whom. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface ProcessLine {
  pid: number
  parent: number
  state: string
  command: string
}

async function all(): Promise<ProcessLine[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { maxBuffer: 16 * 1024 * 1024 })
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state: state!, command: command! }]
  })
}

/** Every process that stems from `pid`, itself not among them. */
export async function descendantsOf(pid: number): Promise<ProcessLine[]> {
  const lines = await all()
  const found: ProcessLine[] = []
  const visit = (parent: number): void => {
    for (const line of lines) {
      if (line.parent !== parent) continue
      found.push(line)
      visit(line.pid)
    }
  }
  visit(pid)
  return found
}

/** The embedded labs that a talk has started. */
export async function labProcessesOf(pid: number): Promise<number[]> {
  const started = await descendantsOf(pid)
  return started.filter(({ command }) => command.includes('server/lab/main.ts')).map((one) => one.pid)
}

/** Those of the processes that still run: the same number with the same command, and not merely waiting to be reaped. */
export async function stillRunning(processes: readonly ProcessLine[]): Promise<string[]> {
  const lines = await all()
  return processes
    .filter(({ pid, command }) => lines.some((line) => line.pid === pid && line.command === command && !line.state.startsWith('Z')))
    .map(({ pid, command }) => `${pid} ${command}`)
}
