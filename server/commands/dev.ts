/** `npm run dev`: Slidev's dev server with the same bridge behind it. */
import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ROOT, slidevCli } from '../build-deck.ts'
import type { Config } from '../config.ts'
import { followDeck } from '../follow-deck.ts'
import { messageOf, Problem } from '../problem.ts'
import { readDeck } from '../read-deck.ts'
import { say } from './console.ts'
import { end, onEnd } from './lifecycle.ts'
import { announce, openLabs, serve } from './start.ts'

/** A port that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Resolves once something answers HTTP at a URL. */
async function answers(url: string, ended: () => boolean): Promise<void> {
  for (;;) {
    if (ended()) throw new Problem('Slidev ended before it served anything: what it said stands above')
    const isThere = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isThere) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

export async function dev(config: Config): Promise<void> {
  const labs = await openLabs(config)
  const pages = await freePort()
  // the same host as the bridge's URL: the token's cookie has to reach both
  const url = `http://localhost:${pages}`
  const app = await serve(config, labs, url)
  const slidev = spawn(process.execPath, [slidevCli(), 'slides.md', '--port', String(pages)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BRIDGE_URL: app.server.url },
  })
  slidev.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  let hasEnded = false
  const gone = new Promise<void>((resolve) =>
    slidev.once('exit', () => {
      hasEnded = true
      resolve()
    }),
  )
  onEnd(() => {
    slidev.kill('SIGTERM')
    return gone
  })
  const slides = join(ROOT, 'slides.md')
  onEnd(
    followDeck(await readDeck(slides), {
      slides,
      changed: (manifest) => void labs.update(manifest).catch((error: unknown) => say.error(`the deck was edited: ${messageOf(error)}`)),
      broken: (message) => say.warn(`the deck was edited, and its labs stay as they were:\n${message}`),
    }),
  )
  await answers(url, () => hasEnded)
  void gone.then(() => {
    say.error('Slidev has ended')
    return end(1)
  })
  await announce(config, app)
}
