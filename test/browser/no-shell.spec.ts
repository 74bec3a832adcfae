/** Looking at the talk starts nothing: no preview, overview, print or export has a shell. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, type Page } from '@playwright/test'
import { SOCKET_PATH } from '../../server/protocol/messages.ts'
import { countingShell, ROOT, startDeck, type StartedDeck } from './support/start-deck.ts'
import { deckManifest, drawn, paneOf } from './support/talk.ts'

/** The WebSockets that a page opens, and what it says on them. */
function overheard(page: Page): { sockets: string[]; said: string[] } {
  const heard = { sockets: [] as string[], said: [] as string[] }
  page.on('websocket', (socket) => {
    heard.sockets.push(socket.url())
    socket.on('framesent', ({ payload }) => heard.said.push(String(payload)))
  })
  return heard
}

test.describe('of a running talk', () => {
  let deck: StartedDeck
  test.beforeAll(async () => {
    deck = await startDeck()
  })
  test.afterAll(async () => deck.end())

  /** Opens a page of the talk. The first lab is up from the start; every other would be started by the first look at it. */
  async function open(page: Page, path: string): Promise<ReturnType<typeof overheard>> {
    const heard = overheard(page)
    await page.goto(deck.deck)
    await page.goto('about:blank')
    heard.sockets.length = heard.said.length = 0
    await page.goto(new URL(path, deck.deck).href)
    return heard
  }

  for (const [name, path] of [
    ['the overview', '/#/overview'],
    ['print mode', '/?print=true#/16'],
    ['print mode with clicks', '/?print=true&clicks=3#/16'],
  ] as const) {
    test(`${name} draws the labs and connects to none`, async ({ page }) => {
      const heard = await open(page, path)
      const still = page.locator('.lab-pane[data-source="still"].lab-ready')
      await expect.poll(() => still.count(), { message: 'panes that are drawn' }).toBeGreaterThan(0)
      await expect(page.locator('.lab-pane:not([data-source="still"]) .xterm')).toHaveCount(0)
      expect(heard).toEqual({ sockets: [], said: [] })
      expect(await deck.shells(), 'shells: the one that was there').toBe(1)
    })
  }

  test("the presenter's preview of a slide with labs starts none of them, the slide itself does", async ({ page }) => {
    const manifest = await deckManifest
    const own = manifest.labs.filter((lab) => lab.preset !== null)
    const slide = own[0]!.blocks[0]!.slide
    await page.goto(deck.presenter)
    await drawn(page)
    // one slide before, at its last click: the next thing to come is the slide with labs
    const heard = overheard(page)
    await page.evaluate((hash) => (location.hash = hash), `#/presenter/${slide - 1}?clicks=99`)
    const preview = page.locator(`.lab-pane[data-lab-block="${own[0]!.blocks[0]!.id}"][data-source="still"]`)
    await expect(preview.first()).toBeVisible()
    await expect(preview.first()).toHaveClass(/lab-ready/)
    expect(await deck.shells(), 'shells: the one that was there').toBe(1)
    expect(heard.said.filter((frame) => own.some((lab) => frame.includes(`"${lab.id}"`)))).toEqual([])
    // the count can rise: once the slide is on stage
    await page.evaluate((hash) => (location.hash = hash), `#/presenter/${slide}`)
    for (const lab of own) await expect(page.locator(`.lab-pane[data-lab-block="${lab.blocks[0]!.id}"][data-source="live"]`)).toBeVisible()
    await expect.poll(() => deck.shells()).toBe(1 + own.length)
    await expect(paneOf(page, own[0]!.blocks[0]!).first()).toBeVisible()
  })
})

test("the page for export of Slidev's dev server draws the labs and connects to none of them", async ({ page }) => {
  const deck = await startDeck('dev')
  try {
    // the first visit is for the token, and for the dev server to have everything ready
    await page.goto(deck.deck)
    await drawn(page)
    await page.goto('about:blank')
    const heard = overheard(page)
    await page.goto(new URL('/#/export', deck.deck).href)
    const panes = page.locator('.lab-pane[data-source="still"]')
    const blocks = (await deckManifest).labs.flatMap((lab) => lab.blocks)
    await expect.poll(() => panes.count(), { message: 'panes, one for each block of a lab' }).toBeGreaterThanOrEqual(blocks.length)
    await expect(page.locator('.lab-pane:not([data-source="still"])')).toHaveCount(0)
    expect(heard.sockets.filter((url) => new URL(url).pathname === SOCKET_PATH)).toEqual([])
    expect(await deck.shells(), 'shells: the one that was there').toBe(1)
  } finally {
    await deck.end()
  }
})

test('an export starts no shell and no lab', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'export-test-'))
  const shell = await countingShell(folder)
  const output = join(folder, 'talk.pdf')
  await promisify(execFile)(process.execPath, ['server/cli.ts', 'export', '--output', output], {
    cwd: ROOT,
    env: { ...process.env, PATH: shell.path },
    maxBuffer: 16 * 1024 * 1024,
  })
  expect((await stat(output)).size).toBeGreaterThan(0)
  expect(await shell.count()).toBe(0)
  await rm(folder, { recursive: true, force: true })
})
