/** Programs of the project as processes of their own, and what the system says of them. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** Starts a program of the project and waits for its line of JSON. `took`: ms from its start to that line. */
export async function started(args: string[]): Promise<{ child: ChildProcess; ready: Record<string, any>; took: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['pipe', 'pipe', 'ignore'] })
  let text = ''
  for await (const chunk of child.stdout!) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  if (text === '') throw new Error(`node ${args.join(' ')} ended before it was ready`)
  return { child, ready: JSON.parse(text), took: performance.now() - began }
}

/** Ends it by SIGTERM. Resolves to how long that took, ms. */
export async function ended(child: ChildProcess): Promise<number> {
  const began = performance.now()
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
  return performance.now() - began
}

/** Resident memory of a process, bytes; NaN where there is no /proc. */
export async function memory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) * 1024
}

/** User and system time that a process has taken, ms, in steps of 10; NaN where there is no /proc. */
export async function cpuTime(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return stat === '' ? Number.NaN : (Number(fields[11]) + Number(fields[12])) * 10
}

export interface Run {
  /** ms by the clock on the wall. */
  wall: number
  /** User and system time of the program, ms. */
  cpu: number
  output: string
}

/** Runs a program to its end, by way of bash, whose `time` knows what it took. Throws where it fails. */
export async function run(program: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Run> {
  const script = `TIMEFORMAT='%3R %3U %3S'; time "$@"`
  const child = spawn('bash', ['--norc', '-c', script, 'bash', program, ...args], { env: { ...env, LC_ALL: 'C' } })
  let output = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said.trim() || output.trim()}`)
  const [wall, user, system] = (said.trim().split('\n').at(-1) ?? '').split(' ').map((text) => Number(text) * 1000)
  return { wall: wall!, cpu: user! + system!, output }
}
