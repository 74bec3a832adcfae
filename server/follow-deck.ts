/** Follows the deck's files while somebody writes on them. */
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { messageOf } from './problem.ts'
import type { DeckManifest } from './protocol/lab.ts'
import { readDeck } from './read-deck.ts'

/** An editor writes a file in several strokes; the last one counts. ms */
const QUIET_FOR = 50

export interface DeckFollower {
  slides: string
  /** The labs have become others. Never told the same twice in a row. */
  changed(manifest: DeckManifest): void
  /** The deck cannot be read as it stands: the last one that could goes on. One line for each error, each with file and line. */
  broken(message: string): void
}

/** Watches slides.md and every file that has a lab of it. Returns what ends it. */
export function followDeck(manifest: DeckManifest, { slides, changed, broken }: DeckFollower): () => void {
  const watchers = new Map<string, FSWatcher>()
  let known = JSON.stringify(manifest)
  let files = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let ended = false

  function follow({ labs }: DeckManifest): void {
    const parts = labs.flatMap((lab) => lab.blocks.map((block) => resolve(dirname(slides), block.file)))
    files = new Set([slides, ...parts])
    // the folder and not the file: many editors put a new file in its place
    for (const folder of new Set([...files].map((file) => dirname(file)))) {
      if (watchers.has(folder)) continue
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && ![...files].some((file) => dirname(file) === folder && basename(file) === name)) return
        clearTimeout(timer)
        timer = setTimeout(() => void read(), QUIET_FOR)
      })
      watcher.on('error', (error) => broken(`${folder} is not watched any more: ${error.message}`))
      watchers.set(folder, watcher)
    }
  }

  async function read(): Promise<void> {
    try {
      const next = await readDeck(slides)
      const text = JSON.stringify(next)
      if (ended || text === known) return
      known = text
      follow(next)
      changed(next)
    } catch (error) {
      if (!ended) broken(messageOf(error))
    }
  }

  follow(manifest)
  return () => {
    ended = true
    clearTimeout(timer)
    for (const watcher of watchers.values()) watcher.close()
  }
}
