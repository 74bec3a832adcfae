import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from '@slidev/parser/fs'
import MagicString from 'magic-string'
import { afterEach, describe, expect, it } from 'vitest'
import setupTransformers from '../../../setup/transformers.ts'

const folders: string[] = []
afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })))
})

/** Every slide of a deck as Slidev's Markdown compiler gets it. */
async function transformed(...slides: string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'deck-'))
  folders.push(folder)
  const file = join(folder, 'slides.md')
  const head = '---\nlab: { nodes: { m-k8s: 10.0.0.1 }, pool: 10.0.0.11-10.0.0.19 }\n---\n\n'
  await writeFile(file, head + slides.join('\n\n---\n\n'))
  const data = await load({ userRoot: folder, roots: [folder] }, file)
  const [transform] = (await setupTransformers()).pre as [(context: unknown) => void]
  return data.slides.map((slide) => {
    const s = new MagicString(slide.content)
    transform({ s, slide, options: { userRoot: folder, data } })
    return s.toString()
  })
}

const lab = (...lines: string[]): string => ['```lab talk', ...lines, '```'].join('\n')

describe('the Markdown of a slide', () => {
  it('has a pane where a lab stood, and is otherwise as it was', async () => {
    expect(
      await transformed('# One\n\n```bash\n# not a lab\n```', `# Two\n\n${lab("# echo '<b>' {{ x }}")}\n\ntext`, lab('# b', '# c')),
    ).toEqual(['# One\n\n```bash\n# not a lab\n```', '# Two\n\n<LabPane block="talk/1" />\n\ntext', '<LabPane block="talk/2" />'])
  })

  it('may have several labs', async () => {
    expect(await transformed(`${lab('# a')}\n\n::now::\n\n${lab('# b').replace('talk', 'other')}\n\n${lab('# c')}`)).toEqual([
      '<LabPane block="talk/1" />\n\n::now::\n\n<LabPane block="other/1" />\n\n<LabPane block="talk/2" />',
    ])
  })

  it('with a lab that cannot be read stops the build with file, line and what was expected', async () => {
    await expect(transformed('# One', lab('# a', 'b'))).rejects.toThrow(/slides\.md:11: "b" is no line of a lab: expected a command/)
  })
})
