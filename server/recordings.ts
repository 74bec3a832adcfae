/** The recordings beside the deck, and whether they are still recordings of it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './build-deck.ts'
import { castMismatch, decodeCast, type Cast } from './protocol/asciicast.ts'
import type { DeckManifest } from './protocol/lab.ts'

export const RECORDINGS = join(ROOT, 'public/recordings')

export interface Recordings {
  /** By lab: those that can be read and fit the deck. */
  casts: Map<string, Cast>
  /** One line for each of the others: the file, what is wrong, and what to do. */
  problems: string[]
}

/** Reads every lab's recording from a folder. */
export async function readRecordings(manifest: DeckManifest, folder = RECORDINGS): Promise<Recordings> {
  const found: Recordings = { casts: new Map(), problems: [] }
  for (const lab of manifest.labs) {
    const path = join(folder, `${lab.id}.cast`)
    const remedy = `npm run record -- --lab ${lab.id}`
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) {
      found.problems.push(`${path}: there is no recording of lab ${lab.id}. Make one: ${remedy}`)
      continue
    }
    const read = decodeCast(text)
    const mismatch = 'cast' in read ? castMismatch(read.cast, lab) : null
    if ('error' in read) found.problems.push(`${path}:${read.error.line}: ${read.error.message}. Record it again: ${remedy}`)
    else if (mismatch) {
      const [recorded, written] = [mismatch.recorded, mismatch.written].map((command) => (command === null ? 'nothing' : `\`${command}\``))
      found.problems.push(
        `${path}: it is of another deck: step ${mismatch.step} was ${recorded} there and is ${written} now. Record it again: ${remedy}`,
      )
    } else found.casts.set(lab.id, read.cast)
  }
  return found
}
