import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '../../../server/problem.ts'
import { readDeck } from '../../../server/read-deck.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deck-test-'))
  return () => rm(folder, { recursive: true })
})

const HEAD = '---\nlab:\n  nodes: { m-k8s: 192.168.1.10 }\n  pool: 192.168.1.11-192.168.1.19\n---\n\n'

describe('the deck', () => {
  it('gives its labs', async () => {
    const file = join(folder, 'slides.md')
    await writeFile(file, `${HEAD}\`\`\`lab talk\n# kubectl get pod\n\`\`\`\n`)
    const { labs } = await readDeck(file)
    expect(labs[0]!.blocks[0]!.steps[0]!.command).toBe('kubectl get pod')
  })

  it('with a broken lab block is a problem that names file and line', async () => {
    const file = join(folder, 'broken.md')
    await writeFile(file, `${HEAD}\`\`\`lab talk\nkubectl get pod\n\`\`\`\n`)
    const problem = await readDeck(file).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).message).toMatch(/^broken\.md:8: /)
  })
})
