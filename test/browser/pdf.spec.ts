/** The handout: every command of the talk and what it answered, as text that can be searched. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { decodeCast } from '../../server/protocol/asciicast.ts'
import { pagesOf, screensOf } from '../../server/recording/screens.ts'
import { ROOT } from './support/start-deck.ts'
import { deckManifest } from './support/talk.ts'

/** Text of a page or a screen without its blanks: a PDF places words, it does not space them, and a blank's glyph may come back as a control character. */
const dense = (text: string): string => text.replaceAll(/[\s\p{C}]+/gu, '')

async function textOf(file: string): Promise<string[]> {
  const task = getDocument({ data: new Uint8Array(await readFile(file)), useSystemFonts: false })
  const document = await task.promise
  const pages: string[] = []
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent()
    pages.push(dense(items.map((item) => ('str' in item ? item.str : '')).join('')))
  }
  await task.destroy()
  return pages
}

test('the PDF holds every command and the screens of every lab as text, Hangul included', async () => {
  test.setTimeout(240_000)
  const manifest = await deckManifest
  const folder = await mkdtemp(join(tmpdir(), 'pdf-'))
  try {
    const file = join(folder, 'talk.pdf')
    await promisify(execFile)(process.execPath, ['server/cli.ts', 'export', '--output', file], { cwd: ROOT })
    const pages = await textOf(file)
    const all = pages.join('\n')
    expect(pages.length).toBeGreaterThanOrEqual(manifest.slides)
    expect(all).toContain(dense('세 가지 질문'))
    for (const lab of manifest.labs) {
      const read = decodeCast(await readFile(join(ROOT, 'public/recordings', `${lab.id}.cast`), 'utf8'))
      if ('error' in read) throw new Error(`${lab.id}: ${read.error.message}`)
      const screens = await screensOf(read.cast)
      for (const { steps } of lab.blocks) {
        for (const step of steps) expect(all, step.id).toContain(dense(step.command.replaceAll('\\\n', '')))
        for (const index of pagesOf(
          screens,
          steps.map((step) => step.id),
        )) {
          const screen = screens.find((one) => one.step === steps[index]!.id)!
          const page = pages.find((text) => screen.rows.every((row) => text.includes(dense(row))))
          expect(page, `a page that shows the whole screen after ${screen.step}`).toBeDefined()
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
