/** The deck's manifest for the programs on the server. */
import { join } from 'node:path'
import { ROOT } from './build-deck.ts'
import { formatDeckError, parseDeck } from './deck/parse.ts'
import { messageOf, Problem } from './problem.ts'
import type { DeckManifest } from './protocol/lab.ts'

/** Reads the labs of a deck. Throws a Problem with one line per error, each with its file and line. */
export async function readDeck(slides = join(ROOT, 'slides.md')): Promise<DeckManifest> {
  const parsed = await parseDeck(slides).catch((error: unknown) => {
    throw new Problem(`${slides} cannot be read: ${messageOf(error)}`)
  })
  if ('manifest' in parsed) return parsed.manifest
  throw new Problem(parsed.errors.map(formatDeckError).join('\n'))
}
