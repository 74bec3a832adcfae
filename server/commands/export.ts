/** `npm run export`: the deck as a PDF, from the recordings. */
import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { buildDeck, DIST, isBuilt } from '../build-deck.ts'
import { findBrowser } from '../browser.ts'
import { exportPdf } from '../export.ts'
import { messageOf, Problem } from '../problem.ts'
import { readDeck } from '../read-deck.ts'
import { progress, say } from './console.ts'
import { RECORDINGS } from '../recordings.ts'

export interface ExportCommandOptions {
  output?: string
  dark?: boolean
}

const TITLE = '쿠버네티스 로드밸런스를 온프레미스에서'

export async function exportDeck(options: ExportCommandOptions): Promise<void> {
  const output = resolve(options.output ?? 'onprem-loadbalancer.pdf')
  // the pages take minutes: a folder that takes no file is told before them
  await access(dirname(output), constants.W_OK).catch((error: unknown) => {
    throw new Problem(`${output} cannot be written: ${messageOf(error)}; name a file in another folder by --output`)
  })
  const manifest = await readDeck()
  const browser = await findBrowser()
  if ('error' in browser) throw new Problem(browser.error)
  if (!(await isBuilt())) await progress('building the deck', () => buildDeck())
  let shown = 0
  const made = await exportPdf({
    dist: DIST,
    manifest,
    recordings: RECORDINGS,
    output,
    dark: options.dark === true,
    title: TITLE,
    browser,
    onProgress(done, total) {
      if (done < shown) return
      say.log(`  slide ${done} of ${total}`)
      shown = done + 4
    },
  })
  if ('error' in made) throw new Problem(made.error)
  say.success(`${output}: ${made.pages} pages`)
}
