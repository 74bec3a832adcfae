import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeCast, type Cast } from '../../server/protocol/asciicast.ts'
import type { DeckManifest } from '../../server/protocol/lab.ts'
import { readDeck } from '../../server/read-deck.ts'
import { readRecordings } from '../../server/recordings.ts'
import { labOf, stepOf } from './support/sample-lab.ts'

const manifest: DeckManifest = {
  slides: 1,
  labs: [labOf([stepOf(1, 'date'), stepOf(2, 'uptime')])],
  plan: { nodes: [], pool: { first: '', last: '' } },
}

function cast(commands: string[], begun = commands.length): Cast {
  const steps = commands.map((command, index) => ({ id: `talk.${index + 1}`, command }))
  return {
    header: {
      version: 3,
      term: { cols: 80, rows: 24 },
      lab: { id: 'talk', steps, cluster: { source: 'embedded', kubernetes: 'v1', preset: null } },
    },
    events: steps.slice(0, begun).map(({ id }, index) => ({ at: index, code: 'm', step: id })),
  }
}

describe('the recordings beside a deck', () => {
  let folder: string
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'recordings-'))))
  afterEach(() => rm(folder, { recursive: true }))
  const problemOf = async (text: string): Promise<string | undefined> => {
    await writeFile(join(folder, 'talk.cast'), text)
    return (await readRecordings(manifest, folder)).problems[0]
  }

  it('fit where every step was recorded with the command that it has', async () => {
    expect(await problemOf(encodeCast(cast(['date', 'uptime'])))).toBeUndefined()
  })

  it.each([
    ['another command', cast(['date', 'w']), 'step talk.2 was `w` there and is `uptime` now'],
    ['a step too few', cast(['date']), 'step talk.2 was nothing there and is `uptime` now'],
    ['a step too many', cast(['date', 'uptime', 'w']), 'step talk.3 was `w` there and is nothing now'],
    ['a step that was announced only', cast(['date', 'uptime'], 1), 'step talk.2 was nothing there and is `uptime` now'],
  ])('with %s say which, and how to mend it', async (_what, recorded, message) => {
    const problem = await problemOf(encodeCast(recorded))
    expect(problem).toContain(`${join(folder, 'talk.cast')}: it is of another deck: ${message}`)
    expect(problem).toMatch(/npm run record -- --lab talk$/)
  })

  it('that are missing or broken are told with file and line', async () => {
    expect((await readRecordings(manifest, folder)).problems).toEqual([expect.stringContaining('there is no recording of lab talk')])
    expect(await problemOf('{}')).toContain(`${join(folder, 'talk.cast')}:1: the header`)
  })

  it('of this talk fit it', async () => {
    expect((await readRecordings(await readDeck())).problems).toEqual([])
  })
})
