/** The deck's build: `dist/`, made by Slidev, kept until one of its sources changes. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Problem } from './problem.ts'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const DIST = join(ROOT, 'dist')
/** Says what a build was made from. Not served: a dot file. */
const STAMP = join(DIST, '.built-from')

/** Everything that a build reads. Folders and files that are missing are no error: a deck need not have them all. */
const SOURCES = [
  'slides.md',
  'pages',
  'components',
  'layouts',
  'setup',
  'styles',
  'snippets',
  'public',
  'server/protocol',
  'server/deck',
  'vite.config.ts',
  'uno.config.ts',
  'index.html',
  'package-lock.json',
]

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return null
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (entries === null) return [path]
  const below = await Promise.all(entries.map((entry) => filesBelow(join(path, entry.name))))
  return below.flat()
}

/** A digest of everything that the deck is built from. */
async function digestOfSources(): Promise<string> {
  const loose = (await readdir(ROOT)).filter((name) => name.endsWith('.vue'))
  const files = (await Promise.all([...SOURCES, ...loose].map((source) => filesBelow(join(ROOT, source))))).flat().toSorted()
  const hash = createHash('sha256')
  for (const file of files) {
    hash.update(relative(ROOT, file).split(sep).join('/'))
    hash.update(await readFile(file))
  }
  return hash.digest('hex')
}

/** True where dist/ was built from the sources as they are. */
export async function isBuilt(): Promise<boolean> {
  const stamp = await readFile(STAMP, 'utf8').catch(() => null)
  return stamp !== null && stamp === (await digestOfSources())
}

/** Path of Slidev's command line, to be run with this Node. */
export function slidevCli(): string {
  const require = createRequire(import.meta.url)
  return join(require.resolve('@slidev/cli/package.json'), '../bin/slidev.mjs')
}

/** Builds dist/. `output` gets what Slidev says. Throws a Problem with its last lines where it fails. */
export async function buildDeck(output: (text: string) => void = () => {}): Promise<void> {
  const digest = await digestOfSources()
  const child = spawn(process.execPath, [slidevCli(), 'build', 'slides.md', '--base', './', '--out', DIST], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-8_000)
      output(text)
    })
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) {
    throw new Problem(
      `the deck could not be built (slidev build ended with ${code}); its last words:\n${said.trim().split('\n').slice(-15).join('\n')}`,
    )
  }
  await writeFile(STAMP, digest)
}
