/**
 * The only reader of labs. The bridge, the recorder and the tests give it the path of slides.md; the build gives it what Slidev has loaded.
 * Both ways go through Slidev's own parser, so that `src:` imports, hidden slides and line numbers are what Slidev says they are.
 */
import { dirname, relative, resolve, sep } from 'node:path'
import { load, type LoadedSlidevData } from '@slidev/parser/fs'
import { PRESET_NAMES } from '../protocol/lab-control.ts'
import type { DeckManifest } from '../protocol/lab.ts'
import type { DeckError } from './error.ts'
import { buildManifest, type DeckSlide } from './manifest.ts'

export type { DeckError } from './error.ts'
export { formatDeckError } from './error.ts'

/** Labs, address plan and number of slides, or every error with its file and line. */
export type ParsedDeck = { manifest: DeckManifest } | { errors: DeckError[] }

/** What is needed of Slidev's data: both what its parser loads and what its build holds has it. */
export type LoadedDeck = Pick<LoadedSlidevData, 'slides' | 'headmatter' | 'entry' | 'markdownFiles'>

/** The manifest of a deck that Slidev has loaded. `root` is the deck's folder. */
export function manifestOf(deck: LoadedDeck, root: string): ParsedDeck {
  const fileOf = (path: string): string => relative(root, path).split(sep).join('/')
  const errors = Object.entries(deck.markdownFiles).flatMap(([path, file]) =>
    (file.errors ?? []).map((error): DeckError => ({ file: fileOf(path), line: error.row + 1, message: error.message })),
  )
  const slides = deck.slides.map(({ source }): DeckSlide => {
    const lines = source.raw.split(/\r?\n/).slice(source.contentStart - source.start)
    return { file: fileOf(source.filepath), firstLine: source.contentStart, lines }
  })
  const built = buildManifest(slides, deck.headmatter, fileOf(deck.entry.filepath), PRESET_NAMES)
  if ('errors' in built) errors.push(...built.errors)
  return errors.length > 0 || 'errors' in built ? { errors } : built
}

/** Reads a deck from its slides.md. Throws where that file cannot be read. */
export async function parseDeck(slidesFile: string): Promise<ParsedDeck> {
  const file = resolve(slidesFile)
  const root = dirname(file)
  return manifestOf(await load({ userRoot: root, roots: [root], allowedRoots: [root] }, file), root)
}
