/** The whole talk, presented by one key of a clicker, with a real kubectl on the embedded labs. */
import { expect, test, type Page } from '@playwright/test'
import type { DeckManifest } from '../../server/protocol/lab.ts'
import { diagramOf, readDiagram } from './support/diagram.ts'
import { Kubectl } from './support/kubectl.ts'
import { expectChecks, expectOutput, typed } from './support/outcome.ts'
import { startDeck, type StartedDeck } from './support/start-deck.ts'
import { deckManifest, paneOf, pillOf, press, rowsOf, stepsOfSlide, wrappedRows, type PlacedStep } from './support/talk.ts'

/** How many lines a command that keeps running has to print before the talk goes on. */
const TURNS = 3

/** A kubectl for the cluster of a lab: the talk's own is told by the program, the others are told apart by their preset. */
async function kubectlOf({ lab }: PlacedStep, deck: StartedDeck): Promise<Kubectl> {
  if (lab.preset === null) return Kubectl.of(deck.kubeconfig)
  const clusters = await deck.clusters()
  const own = clusters.filter(({ preset, kubectl }) => preset === lab.preset && kubectl.kubeconfig !== deck.kubeconfig)
  expect(own, `clusters of the preset ${lab.preset} for the lab ${lab.id}`).toHaveLength(1)
  return own[0]!.kubectl
}

/** A command that keeps running: it is on the screen, prints, and its checks hold. */
async function expectTurning(page: Page, placed: PlacedStep, kubectl: Kubectl): Promise<void> {
  const pane = paneOf(page, placed.block)
  const [command] = typed(placed.step)
  await expect
    .poll(
      async () => {
        const rows = await rowsOf(pane)
        const own = rows.slice(rows.indexOf(command!) + 1)
        const names = (await kubectl.json(['get', 'pods'])).items.map((pod: any) => pod.metadata.name)
        const strange = own.filter((row) => row !== '손실' && !names.includes(row) && row !== command)
        return strange.length > 0 ? strange : own.length >= TURNS
      },
      { message: `${placed.step.id} prints names of pods or losses, line by line` },
    )
    .toBe(true)
  if (placed.step.checks.length > 0) await expect(pillOf(pane, placed.step)).toHaveAttribute('data-status', 'done')
  else await expect(pillOf(pane, placed.step)).toHaveAttribute('data-status', 'running')
}

/** Waits for the step that the last click began, and holds everything that the slide shows against the cluster. */
async function expectStep(page: Page, placed: PlacedStep, deck: StartedDeck, manifest: DeckManifest): Promise<void> {
  const { lab, block, step } = placed
  const pane = paneOf(page, block)
  await expect(pane).toHaveAttribute('data-source', 'live')
  await expect(pane.locator('.lab-badge')).toHaveText('내장 랩')
  const pill = pillOf(pane, step)
  const ending = step.keepsRunning ? /running|done|failed/ : /done|failed/
  await expect(pill, `${step.id} ${step.command}`).toHaveAttribute('data-status', ending)
  if ((await pill.getAttribute('data-status')) === 'failed') {
    throw new Error(`${step.id} failed: ${await pane.locator('.lab-word').textContent()}\n${(await rowsOf(pane)).join('\n')}`)
  }
  const kubectl = await kubectlOf(placed, deck)
  if (step.keepsRunning) await expectTurning(page, placed, kubectl)
  else {
    // the screen is drawn a frame after the word that the step is done
    await expect(async () => expectOutput(await rowsOf(pane), lab.rows, step, kubectl)).toPass({ timeout: 10_000 })
  }
  expect(await wrappedRows(pane), `rows of ${step.id} that had no room in a line`).toBe('')
  await expectChecks(step, kubectl)
  const before = stepsOfSlide(manifest, block.slide).filter((other) => other.lab === lab && other.ordinal < placed.ordinal)
  for (const earlier of before) await expect(pillOf(pane, earlier.step), earlier.step.id).toHaveAttribute('data-status', 'done')

  const diagram = page.locator(`[data-slidev-no="${block.slide}"] .lab-diagram[data-lab="${lab.id}"]`)
  if ((await diagram.count()) === 0) return
  await expect(async () => expect(await readDiagram(diagram)).toEqual(await diagramOf(kubectl))).toPass({ timeout: 10_000 })
}

/** What is not as it has to be in a page, but for its wish to keep a screen awake: there is none. */
function problemsOf(page: Page): string[] {
  const problems: string[] = []
  const take = (text: string): void => void (text.includes('Wake Lock permission request denied') || problems.push(text))
  page.on('pageerror', (error) => take(error.message))
  page.on('console', (message) => message.type() === 'error' && take(message.text()))
  return problems
}

test('the talk is presented from the first slide to the last by one key, and everything on it is true', async ({ page }) => {
  // the talk takes minutes by itself, and twice as many on a busy machine
  test.setTimeout(600_000)
  const manifest = await deckManifest
  const deck = await startDeck()
  const problems = problemsOf(page)
  try {
    await page.goto(deck.deck)
    await expect(page.locator('[data-slidev-no="1"] h1')).toBeVisible()
    let position = { slide: 1, clicks: 0 }
    const seen: string[] = []
    while (position.slide < manifest.slides) {
      const ahead = stepsOfSlide(manifest, position.slide)[position.clicks]
      if (ahead && /\bcurl\b/.test(ahead.step.command)) await (await kubectlOf(ahead, deck)).rulesAreWritten()
      const next = await press(page, 'PageDown')
      expect([position.slide, position.slide + 1], 'one press goes on by one click or one slide').toContain(next.slide)
      if (next.slide === position.slide) expect(next.clicks).toBe(position.clicks + 1)
      position = next
      await expect(page.locator(`[data-slidev-no="${position.slide}"] h1`).first()).toBeVisible()
      const placed = stepsOfSlide(manifest, position.slide)[position.clicks - 1]
      if (placed === undefined) continue
      await test.step(`${placed.step.id} ${placed.step.command}`, () => expectStep(page, placed, deck, manifest))
      seen.push(placed.step.id)
    }
    const all = manifest.labs.flatMap((lab) => lab.blocks.flatMap((block) => block.steps.map((step) => step.id)))
    expect(seen.toSorted()).toEqual(all.toSorted())
    expect(await deck.shells(), 'one shell for each lab').toBe(manifest.labs.length)
    expect(problems).toEqual([])
  } finally {
    await deck.end()
  }
})
