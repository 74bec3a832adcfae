import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { followDeck } from '../../server/follow-deck.ts'
import { stepsOf } from '../../server/protocol/lab.ts'
import { readDeck } from '../../server/read-deck.ts'
import { poll } from './support/poll.ts'

const HEAD = '---\nlab:\n  nodes: { m-k8s: 192.168.1.10 }\n  pool: 192.168.1.11-192.168.1.19\n---\n'
const deck = (...lines: string[]): string => `${HEAD}\n# A slide\n\n\`\`\`lab talk cols=80 rows=12\n${lines.join('\n')}\n\`\`\`\n`

describe('a deck that somebody writes on', () => {
  let folder: string
  let slides: string
  let told: string[][]
  let broken: string[]
  let end: () => void

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'deck-'))
    slides = join(folder, 'slides.md')
    await writeFile(slides, deck('# date'))
    told = []
    broken = []
    end = followDeck(await readDeck(slides), {
      slides,
      changed: (manifest) => void told.push(manifest.labs.flatMap((lab) => stepsOf(lab).map((step) => step.command))),
      broken: (message) => void broken.push(message),
    })
  })
  afterEach(async () => {
    end()
    await rm(folder, { recursive: true })
  })

  it('is read again when its file is written, and when another file takes its place', async () => {
    await writeFile(slides, deck('# uptime'))
    await poll(() => told.length === 1)
    await writeFile(`${slides}.new`, deck('# uptime', '# date'))
    await rename(`${slides}.new`, slides)
    await poll(() => told.length === 2)
    expect(told).toEqual([['uptime'], ['uptime', 'date']])
  })

  it('goes on as it was while it is broken, with file and line of what is wrong', async () => {
    await writeFile(slides, deck('date'))
    await poll(() => broken.length > 0)
    expect(broken[0]).toMatch(/^slides\.md:10: /)
    expect(told).toEqual([])
    await writeFile(slides, deck('# date', '# w'))
    await poll(() => told.length === 1)
    expect(told).toEqual([['date', 'w']])
  })

  it('follows a file that it takes slides from', async () => {
    await writeFile(join(folder, 'more.md'), '# More\n\n```lab talk\n# whoami\n```\n')
    await writeFile(slides, `${deck('# date')}\n---\nsrc: ./more.md\n---\n`)
    await poll(() => told.length === 1)
    await writeFile(join(folder, 'more.md'), '# More\n\n```lab talk\n# id\n```\n')
    await poll(() => told.length === 2)
    expect(told).toEqual([
      ['date', 'whoami'],
      ['date', 'id'],
    ])
  })
})
