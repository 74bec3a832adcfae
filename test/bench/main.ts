/**
 * `npm run bench`: figures of this machine, each beside a baseline of the same run; `npm run bench -- --only NAME` for one part.
 * It prints and asserts nothing: machines are shared, and a figure that fails a build teaches nobody anything.
 */
import { parseArgs } from 'node:util'
import { deck } from './parts/deck.ts'
import { hours } from './parts/hours.ts'
import { idle } from './parts/idle.ts'
import { list } from './parts/list.ts'
import { pods } from './parts/pods.ts'
import { start } from './parts/start.ts'
import { watches } from './parts/watches.ts'

const PARTS: Record<string, () => Promise<void>> = { start, deck, idle, pods, list, watches, hours }

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } })
const unknown = values.only.find((name) => !(name in PARTS))
if (unknown !== undefined) {
  process.stderr.write(`bench: there is no part ${JSON.stringify(unknown)}; --only takes one of ${Object.keys(PARTS).join(', ')}\n`)
  process.exit(2)
}
for (const [name, part] of Object.entries(PARTS)) if (values.only.length === 0 || values.only.includes(name)) await part()
process.exit(0)
