/** People at the terminal: keyboard, clicker and mouse; reloads, second pages, pages that may watch only; and the way back to the start. */
import { expect, test, type Locator, type Page } from '@playwright/test'
import { stepsOf, type Lab } from '../../server/protocol/lab.ts'
import { Kubectl } from './support/kubectl.ts'
import { PROMPT, typed } from './support/outcome.ts'
import { startDeck, type StartedDeck } from './support/start-deck.ts'
import { deckManifest, drawn, jump, paneOf, pillOf, positionOf, press, rowsOf } from './support/talk.ts'
import { openLab, reset, send, terminalOf, type } from './support/typist.ts'

let deck: StartedDeck
let lab: Lab

test.beforeAll(async () => {
  lab = (await deckManifest).labs.find(({ preset }) => preset === null)!
  deck = await startDeck()
})
test.afterAll(async () => deck?.end())

const open = (page: Page, url = deck.deck): Promise<Locator> => openLab(page, url, lab)

/** Goes from the slide to its presenter's view, and waits until that is there. */
async function present(page: Page, pane: Locator): Promise<void> {
  await page.evaluate((slide) => (location.hash = `#/presenter/${slide}`), lab.blocks[0]!.slide)
  await expect(pane.getByRole('button', { name: '처음으로' })).toBeVisible()
  await expect(pane).toHaveClass(/lab-ready/)
}

test('what is typed reaches the shell key by key, Hangul in two columns each', async ({ page }) => {
  const pane = await open(page)
  await terminalOf(pane).focus()
  await page.keyboard.type('echo $((6*7))')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await rowsOf(pane)).slice(-2)).toEqual(['42', PROMPT])
  await type(page, pane, 'echo 쿠버네티스 로드밸런스', ['쿠버네티스 로드밸런스'])
  await type(page, pane, 'echo 한글 | wc -m', ['3'])
  // a wide character takes the room of two narrow ones: that is where what follows it stands
  await type(page, pane, 'echo 가나다라X; echo aabbccddX', ['가나다라X', 'aabbccddX'])
  const ends = await pane.locator('.xterm-rows').evaluate((all) =>
    [...all.children].slice(0).flatMap((row) => {
      if (!/^(가나다라|aabbccdd)X\s*$/.test(row.textContent ?? '')) return []
      const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = (node.textContent ?? '').indexOf('X')
        if (at === -1) continue
        const range = document.createRange()
        range.setStart(node, at)
        range.setEnd(node, at + 1)
        return [range.getBoundingClientRect().x]
      }
      return []
    }),
  )
  expect(ends).toHaveLength(2)
  expect(Math.abs(ends[0]! - ends[1]!)).toBeLessThan(1)
})

test('the clicker runs steps while the terminal has the focus, and what was half typed does not get in the way', async ({ page }) => {
  const pane = await open(page)
  const [first] = lab.blocks[0]!.steps
  await terminalOf(pane).focus()
  await page.keyboard.insertText('echo half a comm')
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  expect(await rowsOf(pane)).toContain(typed(first!)[0])
  // and the arrow keys of other clickers, at an untouched prompt
  const [, second] = lab.blocks[0]!.steps
  await terminalOf(pane).focus()
  await page.keyboard.press('ArrowRight')
  await expect(pillOf(pane, second!)).toHaveAttribute('data-status', 'done')
  await reset(page, pane)
})

test('a reload gets the screen back, steps and all', async ({ page }) => {
  const pane = await open(page)
  const [first] = lab.blocks[0]!.steps
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  await type(page, pane, 'echo 다시 옵니다', ['다시 옵니다'])
  const before = await rowsOf(pane)
  await page.reload()
  await expect.poll(() => rowsOf(pane)).toEqual(before)
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  await type(page, pane, 'echo 이어서', ['이어서'])
  await reset(page, pane)
})

test('two pages of one speaker run a step once', async ({ page, context }) => {
  const one = await open(page)
  const second = await context.newPage()
  const other = await open(second)
  const [first] = lab.blocks[0]!.steps
  // both turn the slide, as a projector and a presenter's view that follow one another do
  await Promise.all([page.keyboard.press('PageDown'), second.keyboard.press('PageDown')])
  for (const pane of [one, other]) await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  const times = async (pane: Locator): Promise<number> => (await rowsOf(pane)).filter((row) => row === typed(first!)[0]).length
  await type(page, one, 'echo ran', ['ran'])
  expect(await times(one)).toBe(1)
  await expect.poll(() => rowsOf(other)).toEqual(await rowsOf(one))
  await second.close()
  await reset(page, one)
})

test('a page that may watch only sees everything and types nothing', async ({ page, browser }) => {
  const pane = await open(page)
  const context = await browser.newContext({ viewport: page.viewportSize() })
  const watching = await context.newPage()
  const watched = await open(watching, deck.viewer)
  await expect(watched.locator('.lab-view-only')).toBeVisible()
  await type(page, pane, 'echo 보이나요', ['보이나요'])
  await expect.poll(() => rowsOf(watched)).toEqual(await rowsOf(pane))
  await send(watching, watched, 'echo no')
  // as whoever clicks into the terminal and types on: no letter of it turns the slides or changes their colours
  const before = positionOf(watching)
  await watching.keyboard.type('go get d f 12 ')
  await watching.keyboard.press('ArrowDown')
  expect(positionOf(watching)).toEqual(before)
  await expect(watching.locator('html')).not.toHaveClass(/dark/)
  await expect(terminalOf(watched)).toBeFocused()
  await press(watching, 'PageDown')
  // its words would have come before these
  await type(page, pane, 'echo after', ['after'])
  const rows = await rowsOf(pane)
  expect(rows.join('\n')).not.toContain('echo no')
  expect(rows.join('\n')).not.toContain(typed(lab.blocks[0]!.steps[0]!)[0])
  await expect(pillOf(pane, lab.blocks[0]!.steps[0]!)).toHaveAttribute('data-status', 'pending')
  await context.close()
})

const SAMPLE = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** Drags from the left half of one column to the right half of another, in the row that holds the sample alone. */
async function dragColumns(page: Page, pane: Locator, from: number, to: number): Promise<void> {
  const row = pane
    .locator('.xterm-rows > div')
    .filter({ hasText: new RegExp(`^${SAMPLE}\\s*$`) })
    .last()
  const screen = (await pane.locator('.xterm-screen').boundingBox())!
  const { y, height } = (await row.boundingBox())!
  const cell = screen.width / lab.cols
  await page.mouse.move(screen.x + (from + 0.25) * cell, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(screen.x + (to + 0.75) * cell, y + height / 2, { steps: 5 })
  await page.mouse.up()
}

for (const [name, viewport, presenter] of [
  ['at 1280x720', { width: 1280, height: 720 }, false],
  ['at 1920x1080', { width: 1920, height: 1080 }, false],
  ["in the presenter's view", { width: 1600, height: 900 }, true],
] as const) {
  test(`the mouse selects exactly the columns that it is dragged over, ${name}`, async ({ page, context }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.setViewportSize(viewport)
    const pane = await open(page)
    await type(page, pane, `echo ${SAMPLE}`, [SAMPLE])
    if (presenter) {
      await present(page, pane)
      await expect.poll(async () => (await rowsOf(pane)).at(-2)).toBe(SAMPLE)
    }
    for (const [from, to] of [
      [10, 20],
      [0, 4],
      [25, 35],
    ] as const) {
      await dragColumns(page, pane, from, to)
      await page.keyboard.press('Control+C')
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(SAMPLE.slice(from, to + 1))
    }
  })
}

test('`lab reset` in the pane brings cluster, terminal and steps back to the start', async ({ page }) => {
  const kubectl = await Kubectl.of(deck.kubeconfig)
  const pane = await open(page)
  await press(page, 'PageDown')
  await expect(pillOf(pane, lab.blocks[0]!.steps[0]!)).toHaveAttribute('data-status', 'done')
  await type(page, pane, 'kubectl create deployment rehearsal --image=sysnet4admin/echo-hname', ['deployment.apps/rehearsal created'])
  expect((await kubectl.run(['get', 'deployment', 'rehearsal'])).code).toBe(0)
  await type(page, pane, 'kubectl config set-context --current --namespace=kube-system', [
    'Context "kubernetes-admin@kubernetes" modified.',
  ])
  await type(page, pane, 'touch note; rm *.yaml; ls', ['note'])
  await reset(page, pane)
  await expect.poll(async () => (await kubectl.run(['get', 'deployment', 'rehearsal'])).code).toBe(1)
  // and whatever the shell has of its own
  await type(page, pane, 'kubectl config view --minify -o jsonpath="{..namespace}" | wc -c; ls note pool.yaml', [
    '0',
    "ls: cannot access 'note': No such file or directory",
    'pool.yaml',
  ])
})

test('a click ends a watch that the speaker began, and runs its step', async ({ page }) => {
  const pane = await open(page)
  const [first, second] = lab.blocks[0]!.steps
  await send(page, pane, 'kubectl get namespaces -w')
  await expect.poll(async () => (await rowsOf(pane)).join('\n')).toContain('kube-system')
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  await expect(pane.locator('.lab-word[data-kind="notice"]')).toHaveCount(0)
  await press(page, 'PageDown')
  await expect(pillOf(pane, second!)).toHaveAttribute('data-status', 'done')
  await reset(page, pane)
})

test('clicks wait for a program that reads keys, and run by themselves once it has ended; going back takes them back', async ({ page }) => {
  const pane = await open(page)
  const [first, second] = lab.blocks[0]!.steps
  await send(page, pane, 'less pool.yaml')
  await expect.poll(async () => (await rowsOf(pane)).join('\n')).toContain('IPAddressPool')
  const before = await rowsOf(pane)
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'waiting')
  await expect(pane.locator('.lab-word[data-kind="notice"]')).toContainText('less 실행 중')
  await press(page, 'PageDown')
  await expect(pillOf(pane, second!)).toHaveAttribute('data-status', 'waiting')
  await press(page, 'PageUp')
  await expect(pillOf(pane, second!)).toHaveAttribute('data-status', 'pending')
  await press(page, 'PageDown')
  await expect(pillOf(pane, second!)).toHaveAttribute('data-status', 'waiting')
  expect(await rowsOf(pane)).toEqual(before)
  await terminalOf(pane).focus()
  await page.keyboard.press('q')
  for (const step of [first!, second!]) await expect(pillOf(pane, step)).toHaveAttribute('data-status', 'done')
  await expect(pane.locator('.lab-word[data-kind="notice"]')).toHaveCount(0)
  await reset(page, pane)
})

test('who goes back to an earlier click is not promised that the next one runs what is done', async ({ page }) => {
  const pane = await open(page)
  const [first] = lab.blocks[0]!.steps
  await expect(pane.locator('.lab-word[data-kind="next"]')).toContainText(first!.command)
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  await press(page, 'PageUp')
  await expect(pane.locator('.lab-word[data-kind="done"]')).toContainText(first!.command)
  await reset(page, pane)
  await expect(pane.locator('.lab-word[data-kind="next"]')).toContainText(first!.command)
})

test("the key of the presenter's view brings the start back when it is pressed twice", async ({ page }) => {
  const kubectl = await Kubectl.of(deck.kubeconfig)
  const pane = await open(page)
  await present(page, pane)
  await page.keyboard.press('PageDown')
  await expect(pillOf(pane, lab.blocks[0]!.steps[0]!)).toHaveAttribute('data-status', 'done')
  expect((await kubectl.run(['create', 'namespace', 'rehearsal'])).code).toBe(0)
  await page.keyboard.press('Shift+R')
  await expect(pane.locator('.lab-button.armed')).toBeVisible()
  expect((await kubectl.run(['get', 'namespace', 'rehearsal'])).code).toBe(0)
  await page.keyboard.press('Shift+R')
  await expect(pillOf(pane, lab.blocks[0]!.steps[0]!)).toHaveAttribute('data-status', 'pending')
  await expect.poll(async () => (await kubectl.run(['get', 'namespace', 'rehearsal'])).code).toBe(1)
  await expect.poll(() => rowsOf(pane)).toEqual([PROMPT])
})

test("the key works on slides without a pane: the presenter's view of the title resets what runs, and says so", async ({ page }) => {
  const kubectl = await Kubectl.of(deck.kubeconfig)
  expect((await kubectl.run(['create', 'namespace', 'rehearsal'])).code).toBe(0)
  await page.goto(deck.presenter)
  await drawn(page)
  const word = page.locator('.lab-reset')
  await page.keyboard.press('Shift+R')
  await expect(word).toContainText('한 번 더')
  expect((await kubectl.run(['get', 'namespace', 'rehearsal'])).code).toBe(0)
  await page.keyboard.press('Shift+R')
  await expect(word).toHaveText(`랩 ${lab.id}: 처음으로 되돌렸습니다`)
  expect((await kubectl.run(['get', 'namespace', 'rehearsal'])).code).toBe(1)
  await expect(word).toHaveCount(0)
})

test('a clicker that is pressed before the slide is there runs the step of that slide', async ({ page }) => {
  const pane = await open(page)
  await reset(page, pane)
  const block = lab.blocks[0]!
  let arrive = (): void => {}
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  await page.route(/\/assets\/LabPane-[^/]*\.js/, async (route) => {
    await arrived
    await route.continue()
  })
  await page.reload({ waitUntil: 'commit' })
  await expect(page.locator('#slide-container')).toBeVisible()
  await page.keyboard.press('PageDown')
  expect(positionOf(page)).toEqual({ slide: block.slide, clicks: 0 })
  arrive()
  await expect.poll(() => positionOf(page)).toEqual({ slide: block.slide, clicks: 1 })
  await expect(pillOf(pane, block.steps[0]!)).toHaveAttribute('data-status', 'done')
  await reset(page, pane)
})

test('who jumps into the middle is told what was not run, and can have it run', async ({ page }) => {
  const kubectl = await Kubectl.of(deck.kubeconfig)
  const pane = await open(page)
  await reset(page, pane)
  const before = lab.blocks.slice(0, 2)
  const next = lab.blocks[2]!
  await jump(page, next.slide)
  const there = paneOf(page, next)
  const missed = before.flatMap((block) => block.steps)
  await expect(there.locator('.lab-word[data-kind="missed"]')).toContainText(`${missed.length}개`)
  // a click alone runs nothing that stands on what is missing
  await page.keyboard.press('PageDown')
  await expect(there.locator('.lab-word[data-kind="missed"]')).toContainText(`${missed.length + 1}개`)
  expect((await kubectl.json(['get', 'deployments'])).items).toEqual([])
  await page.keyboard.press('PageUp')
  await page.keyboard.press('c')
  await expect(there.locator('.lab-word[data-kind="missed"]')).toHaveCount(0)
  await expect
    .poll(async () => (await kubectl.json(['get', 'deployments'])).items.map((one: any) => one.metadata.name))
    .toEqual(['np-pods'])
  expect(stepsOf(lab).indexOf(next.steps[0]!)).toBe(missed.length)
  await reset(page, there)
})
