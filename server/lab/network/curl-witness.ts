/**
 * Hears of requests that curl makes without the lab: those that its kernel refuses at once (curl-config.ts). curl writes down what it did where
 * `--libcurl` says, as a program in C, and the URLs stand in it.
 */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync, watch } from 'node:fs'
import { join } from 'node:path'

const FILE = 'last-request.c'
const END = 'End of sample code'
const URL_LINE = /CURLOPT_URL, ("(?:[^"\\]|\\.)*")/g

/** The URLs that curl asked for, by what it wrote down. */
function urlsIn(program: string): string[] {
  return [...program.matchAll(URL_LINE)].flatMap(([, text]) => {
    try {
      return [JSON.parse(text as string) as string]
    } catch {
      return []
    }
  })
}

export interface CurlWitness {
  /** What .curlrc has to say for it; null where this curl cannot. */
  file: string | null
  close(): void
}

/** `asked` is called with every URL that a curl with this folder's .curlrc has asked for. `ready` once it is known whether curl can do it. */
export function startCurlWitness(folder: string, asked: (url: string) => void, ready: () => void): CurlWitness {
  const path = join(folder, FILE)
  const witness: CurlWitness = { file: null, close: () => watcher.close() }
  const watcher = watch(folder, (_event, name) => {
    if (name !== FILE) return
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch {
      return
    }
    // still being written: another event follows
    if (!text.includes(END)) return
    rmSync(path, { force: true })
    for (const url of urlsIn(text)) asked(url)
  })
  watcher.on('error', () => watcher.close())
  const probe = spawn('curl', ['-q', '--libcurl', path, '-V'], { stdio: 'ignore' })
  probe.on('error', () => {})
  probe.on('exit', (code) => {
    if (code !== 0) return
    witness.file = path
    ready()
  })
  return witness
}
