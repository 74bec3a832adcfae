import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { formatDeckError, parseDeck } from '../../../server/deck/parse.ts'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

async function parsed(files: Record<string, string>) {
  const folder = await mkdtemp(join(tmpdir(), 'deck-'))
  folders.push(folder)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return parseDeck(join(folder, 'slides.md'))
}

async function errorsOf(files: Record<string, string>): Promise<string[]> {
  const result = await parsed(files)
  return 'errors' in result ? result.errors.map(formatDeckError) : []
}

const PLAN = 'lab: { nodes: { m-k8s: 10.0.0.1 }, pool: 10.0.0.11-10.0.0.19 }'
const deck = (...slides: string[]): string => `---\ntitle: t\n${PLAN}\n---\n\n${slides.join('\n\n---\n\n')}\n`
const lab = (info: string, ...lines: string[]): string => ['```lab ' + info, ...lines, '```'].join('\n')

describe('a deck', () => {
  it('without labs has an empty manifest and needs no plan', async () => {
    expect(await parsed({ 'slides.md': '# one\n\n---\n\n# two\n' })).toEqual({
      manifest: { labs: [], plan: { nodes: [], pool: { first: '', last: '' } }, slides: 2 },
    })
  })

  it('numbers blocks and steps through each lab, and knows slide and line of each', async () => {
    const result = await parsed({
      'slides.md': deck(
        '# one',
        `# two\n\n${lab('talk cols=100 rows=9', '# a', '? exit = 0', '# b')}`,
        lab('other preset=2021', '# x'),
        lab('talk', '# c'),
      ),
    })
    expect(result).toMatchObject({
      manifest: {
        slides: 4,
        plan: { nodes: [{ name: 'm-k8s', address: '10.0.0.1' }], pool: { first: '10.0.0.11', last: '10.0.0.19' } },
        labs: [
          {
            id: 'talk',
            preset: null,
            cols: 100,
            rows: 9,
            blocks: [
              {
                id: 'talk/1',
                slide: 2,
                line: 12,
                steps: [
                  { id: 'talk.1', command: 'a', file: 'slides.md', line: 13 },
                  { id: 'talk.2', line: 15 },
                ],
              },
              { id: 'talk/2', slide: 4, steps: [{ id: 'talk.3', command: 'c' }] },
            ],
          },
          { id: 'other', preset: '2021', blocks: [{ id: 'other/1', slide: 3 }] },
        ],
      },
    })
  })

  it('follows imports: files, lines of those files, and only the slides that are shown', async () => {
    const result = await parsed({
      'slides.md': deck('# one', '---\nsrc: ./pages/labs.md\n---').replaceAll('---\n\n---\nsrc', '---\nsrc'),
      'pages/labs.md': `---\nlayout: lab\n---\n\n${lab('talk', '# a')}\n\n---\nhide: true\n---\n\n${lab('talk', '# hidden')}\n\n---\n\n${lab('talk', '# b')}\n`,
    })
    expect(result).toMatchObject({
      manifest: {
        slides: 3,
        labs: [
          {
            blocks: [
              { slide: 2, file: 'pages/labs.md', line: 5, steps: [{ id: 'talk.1', command: 'a', line: 6 }] },
              { slide: 3, file: 'pages/labs.md', steps: [{ id: 'talk.2', command: 'b' }] },
            ],
          },
        ],
      },
    })
  })

  it('ignores labs in speaker notes', async () => {
    expect(await parsed({ 'slides.md': deck(`# one\n\n<!--\n${lab('talk', 'nonsense')}\n-->`) })).toMatchObject({ manifest: { labs: [] } })
  })

  it.each([
    ['a line that is none of a lab', lab('talk', '# a', 'kubectl get pod'), 'slides.md:8: "kubectl get pod" is no line of a lab'],
    ['a bad check', lab('talk', '# a', '? pod'), 'slides.md:8: the check says nothing'],
    ['an unknown preset', lab('talk preset=x', '# a'), 'slides.md:6: there is no preset "x": expected one of today, 2021, bare'],
    ['an empty lab', lab('talk'), 'slides.md:6: the lab has no step'],
    ['an open fence', '```lab talk\n# a', 'slides.md:6: the lab is not closed'],
    [
      'a contradiction',
      `${lab('talk cols=100', '# a')}\n\n${lab('talk cols=90', '# b')}`,
      "slides.md:10: cols=90 contradicts the lab's first block (slides.md:6), which says cols=100",
    ],
    ['a preset that comes late', `${lab('talk', '# a')}\n\n${lab('talk preset=today', '# b')}`, 'which gives none'],
  ])('names file, line and what was expected: %s', async (_what, slide, message) => {
    expect(await errorsOf({ 'slides.md': deck(slide) })).toContainEqual(expect.stringContaining(message))
  })

  it('with labs but no plan says what to write', async () => {
    expect(await errorsOf({ 'slides.md': lab('talk', '# a') })).toEqual([expect.stringMatching(/^slides\.md:1: .*no address plan/)])
  })

  it('reports an import that is not there', async () => {
    expect(await errorsOf({ 'slides.md': '# one\n\n---\nsrc: ./gone.md\n---\n' })).toEqual([
      expect.stringMatching(/^slides\.md:\d+: .*gone\.md/),
    ])
  })

  it('may have Windows line ends', async () => {
    const text = deck(lab('talk', '# a \\', '  b', '? exit = 0')).replaceAll('\n', '\r\n')
    expect(await parsed({ 'slides.md': text })).toMatchObject({
      manifest: { labs: [{ blocks: [{ steps: [{ command: 'a \\\n  b', checks: [{ kind: 'exit' }] }] }] }] },
    })
  })
})
