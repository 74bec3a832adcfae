/**
 * Prints the built deck as a PDF: every slide in its final state, and for a lab whose commands scroll away on the way the states in between as well, so that every
 * command of the talk stands on some page. Pages come from the recordings: nothing is started, no bridge is asked.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { PDFDocument } from 'pdf-lib'
import { chromium, type Page } from 'playwright-chromium'
import sirv from 'sirv'
import type { Browser } from './browser.ts'
import type { DeckManifest } from './protocol/lab.ts'
import { pagesOf, screensOf, type StepScreen } from './recording/screens.ts'
import { readRecordings } from './recordings.ts'

/** The page's size in CSS pixels: the slide's canvas, so that a terminal's cells keep their size. */
const WIDTH = 1920
const HEIGHT = 1080
/** How long a slide may take to say that it is drawn, ms: a cold browser on a busy machine. */
const READY_LIMIT = 60_000

export interface ExportOptions {
  /** The folder of the built deck. */
  dist: string
  manifest: DeckManifest
  /** The folder of the recordings. */
  recordings: string
  /** Path of the PDF. */
  output: string
  dark: boolean
  title: string
  browser: Browser
  onProgress(done: number, total: number): void
}

/** The recordings' screens by lab. A missing or broken recording is an error: the handout would lack what the room has seen. */
async function readScreens(manifest: DeckManifest, folder: string): Promise<Map<string, StepScreen[]> | { error: string }> {
  const { casts, problems } = await readRecordings(manifest, folder)
  if (problems.length > 0) return { error: problems.join('\n') }
  const screens = new Map<string, StepScreen[]>()
  for (const [lab, cast] of casts) screens.set(lab, await screensOf(cast))
  return screens
}

/** Serves a folder on a loopback port of its own, for the time of `work`. */
async function served<T>(folder: string, work: (origin: string) => Promise<T>): Promise<T> {
  const files = sirv(folder, { dev: false })
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.statusCode = 404
      response.end()
    }),
  )
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Opens one state of one slide and waits until everything on it is drawn. `clicks` null: the final state. */
async function open(page: Page, origin: string, slide: number, clicks: number | null): Promise<void> {
  // Slidev prints a slide's last state, and with `print=clicks` the one that the route names
  const [print, route] = clicks === null ? ['true', String(slide)] : ['clicks', `${slide}?clicks=${clicks}`]
  // the same page with another hash would not load anew
  await page.goto('about:blank')
  await page.goto(`${origin}/?print=${print}#/${route}`)
  const container = page.locator(`[data-slidev-no="${slide}"]`).first()
  // the slide's frame is there before its content is loaded: what is to be waited for is known only then
  await container.locator('.slidev-layout').first().waitFor({ timeout: READY_LIMIT })
  for (const element of await container.locator('[data-waitfor]').all()) {
    const selector = await element.getAttribute('data-waitfor')
    if (selector) await element.locator(selector).first().waitFor({ state: 'attached', timeout: READY_LIMIT })
  }
  await page.evaluate(() => document.fonts.ready.then(() => undefined))
}

/** The clicks at which a slide has to be printed, the final state (null) last. */
async function clicksToPrint(
  page: Page,
  slide: number,
  manifest: DeckManifest,
  screens: Map<string, StepScreen[]>,
): Promise<(number | null)[]> {
  const clicks = new Set<number>()
  for (const lab of manifest.labs) {
    for (const block of lab.blocks.filter((one) => one.slide === slide)) {
      const first = Number(
        await page.locator(`[data-slidev-no="${slide}"] [data-lab-block="${block.id}"]`).first().getAttribute('data-first-click'),
      )
      const steps = block.steps.map((step) => step.id)
      for (const index of pagesOf(screens.get(lab.id) ?? [], steps)) clicks.add(first + index)
    }
  }
  const ordered = [...clicks].toSorted((a, b) => a - b)
  // the last state of the last block is the slide's final state
  ordered.pop()
  return [...ordered, null]
}

/** Writes the PDF. Returns how many pages it has, or one line that says why there is none. */
export async function exportPdf(options: ExportOptions): Promise<{ pages: number } | { error: string }> {
  const { manifest } = options
  const screens = await readScreens(manifest, options.recordings)
  if ('error' in screens) return screens
  const browser = await chromium.launch({ executablePath: options.browser.path, args: options.browser.args })
  try {
    const pdf = await served(options.dist, async (origin) => {
      const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT }, colorScheme: options.dark ? 'dark' : 'light' })
      await page.emulateMedia({ media: 'screen', colorScheme: options.dark ? 'dark' : 'light', reducedMotion: 'reduce' })
      const document = await PDFDocument.create()
      document.setTitle(options.title)
      for (let slide = 1; slide <= manifest.slides; slide++) {
        options.onProgress(slide - 1, manifest.slides)
        await open(page, origin, slide, null)
        for (const clicks of await clicksToPrint(page, slide, manifest, screens)) {
          if (clicks !== null) await open(page, origin, slide, clicks)
          else if (page.url().includes('clicks=')) await open(page, origin, slide, null)
          const bytes = await page.pdf({ width: `${WIDTH}px`, height: `${HEIGHT}px`, printBackground: true, pageRanges: '1' })
          const [copied] = await document.copyPages(await PDFDocument.load(bytes), [0])
          if (copied) document.addPage(copied)
        }
      }
      options.onProgress(manifest.slides, manifest.slides)
      return document
    })
    await writeFile(options.output, await pdf.save())
    return { pages: pdf.getPageCount() }
  } finally {
    await browser.close()
  }
}
