/** `npm run build`: the deck as a static site. */
import { buildDeck, DIST } from '../build-deck.ts'
import { readDeck } from '../read-deck.ts'
import { progress, say } from './console.ts'

export async function build(): Promise<void> {
  // a broken lab is told by its file and line, before Slidev starts
  await readDeck()
  await progress('building the deck', () => buildDeck())
  say.info(`${DIST} is a static site: it can be put on any web server, in any folder`)
}
