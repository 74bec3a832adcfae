/** `npm run build`: the deck as a static site. */
import { buildDeck, DIST } from '../build-deck.ts'
import { readDeck } from '../read-deck.ts'
import { readRecordings } from '../recordings.ts'
import { progress, say } from './console.ts'

export async function build(): Promise<void> {
  // a broken lab is told by its file and line, before Slidev starts
  const manifest = await readDeck()
  await progress('building the deck', () => buildDeck())
  // the live deck goes without them; who replays it would see the commands alone
  for (const problem of (await readRecordings(manifest)).problems) say.warn(problem)
  say.info(`${DIST} is a static site: it can be put on any web server, in any folder`)
}
