/** `npm run lab`: the embedded cluster alone. It is a program of its own; this passes on options and signals. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from '../build-deck.ts'
import { Problem } from '../problem.ts'
import { PRESET_NAMES } from '../protocol/lab-control.ts'

/** Runs server/lab/main.ts with the options that were given, and ends as it ends. */
export async function lab(options: Record<string, unknown>): Promise<void> {
  const preset = options.preset ?? PRESET_NAMES[0]
  if (!PRESET_NAMES.includes(String(preset))) {
    throw new Problem(`--preset ${preset}: there is no such preset; choose one of ${PRESET_NAMES.join(', ')}`)
  }
  const args = Object.entries(options).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]))
  // the pipe is never written to: it ends with this process, and the lab with it
  const child = spawn(process.execPath, [join(ROOT, 'server/lab/main.ts'), ...args], { stdio: ['pipe', 'inherit', 'inherit'] })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'))
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 0 : 1)))
  })
}
