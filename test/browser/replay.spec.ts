/** The static build: no bridge, no network but its own origin, the recordings in place of the labs. */
import { expect, test, type Page } from '@playwright/test'
import { diagramOfTopology, readDiagram } from './support/diagram.ts'
import { typed } from './support/outcome.ts'
import { recordedSteps, type RecordedStep } from './support/recorded.ts'
import { confine, serveBuild } from './support/static-site.ts'
import {
  deckManifest,
  jump,
  paneOf,
  pillOf,
  positionOf,
  press,
  rowsOf,
  stepsOfSlide,
  wrappedRows,
  type PlacedStep,
} from './support/talk.ts'

type Recordings = Map<string, Map<string, RecordedStep>>

async function readRecordings(): Promise<Recordings> {
  const { labs } = await deckManifest
  return new Map(await Promise.all(labs.map(async ({ id }) => [id, await recordedSteps(id)] as const)))
}

/** The page shows a step as it was recorded: all of it, and nothing else. */
async function expectRecorded(page: Page, { lab, block, step }: PlacedStep, recordings: Recordings): Promise<void> {
  const pane = paneOf(page, block)
  const recorded = recordings.get(lab.id)!.get(step.id)!
  await expect(pane).toHaveAttribute('data-source', 'recorded')
  await expect(pane.locator('.lab-badge')).toHaveText('녹화')
  await expect(pillOf(pane, step), step.id).toHaveAttribute('data-status', 'done')
  await expect.poll(() => rowsOf(pane), { message: `the screen after ${step.id}` }).toEqual(recorded.rows)
  expect(await wrappedRows(pane), `rows of ${step.id} that had no room in a line`).toBe('')
  const diagram = page.locator(`[data-slidev-no="${block.slide}"] .lab-diagram[data-lab="${lab.id}"]`)
  if ((await diagram.count()) === 0) return
  await expect.poll(() => readDiagram(diagram), { message: `the diagram after ${step.id}` }).toEqual(diagramOfTopology(recorded.topology))
}

test.describe('the static build', () => {
  test('plays every step of every lab by the same clicks, with nothing but its own origin', async ({ page }) => {
    const manifest = await deckManifest
    const recordings = await readRecordings()
    const site = await serveBuild()
    const tried = await confine(page, site.origin)
    // for those who would rather not watch things move: a step's outcome comes at once
    await page.emulateMedia({ reducedMotion: 'reduce' })
    try {
      await page.goto(`${site.origin}/`)
      await expect(page.locator('[data-slidev-no="1"] h1')).toBeVisible()
      let position = { slide: 1, clicks: 0 }
      const seen: string[] = []
      while (position.slide < manifest.slides) {
        position = await press(page, 'PageDown')
        // a press that comes before the slide is drawn is one that its steps do not hear of
        await expect(page.locator(`[data-slidev-no="${position.slide}"] h1`).first()).toBeVisible()
        const placed = stepsOfSlide(manifest, position.slide)[position.clicks - 1]
        if (placed === undefined) continue
        await test.step(placed.step.id, () => expectRecorded(page, placed, recordings))
        seen.push(placed.step.id)
      }
      expect(seen.toSorted()).toEqual(manifest.labs.flatMap((lab) => [...recordings.get(lab.id)!.keys()]).toSorted())
      expect(tried).toEqual([])
    } finally {
      await site.end()
    }
  })

  test('shows an earlier state again on the way back, and the state of a slide in the middle to whoever jumps there', async ({ page }) => {
    const manifest = await deckManifest
    const recordings = await readRecordings()
    const site = await serveBuild()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    try {
      const slides = [...new Set(manifest.labs[0]!.blocks.map((block) => block.slide))]
      const slide = slides[Math.floor(slides.length / 2)]!
      const steps = stepsOfSlide(manifest, slide)
      await page.goto(`${site.origin}/`)
      await jump(page, slide, 2)
      await expectRecorded(page, steps[1]!, recordings)
      await press(page, 'PageDown')
      await expectRecorded(page, steps[2]!, recordings)
      await press(page, 'PageUp')
      await expectRecorded(page, steps[1]!, recordings)
      await press(page, 'PageUp')
      await expectRecorded(page, steps[0]!, recordings)
      // a slide's first state is what the slides before it have left
      const before = manifest.labs[0]!.blocks.findLast((block) => block.slide < slide)!
      await press(page, 'PageUp')
      const pane = paneOf(page, steps[0]!.block)
      const left = recordings.get(steps[0]!.lab.id)!.get(before.steps.at(-1)!.id)!
      await expect.poll(() => rowsOf(pane)).toEqual(left.rows)
    } finally {
      await site.end()
    }
  })

  test('has every recording at hand before its slide is shown', async ({ page }) => {
    const { labs } = await deckManifest
    const site = await serveBuild()
    try {
      const fetched = labs.map(({ id }) => page.waitForResponse((response) => response.url().endsWith(`/recordings/${id}.cast`)))
      await page.goto(`${site.origin}/`)
      for (const response of await Promise.all(fetched)) expect(response.ok()).toBe(true)
      expect(positionOf(page).slide).toBe(1)
    } finally {
      await site.end()
    }
  })

  test('finishes a step that still plays when the next one is clicked', async ({ page }) => {
    const manifest = await deckManifest
    const recordings = await readRecordings()
    const site = await serveBuild()
    try {
      const long = manifest.labs[0]!.blocks.flatMap((block) => block.steps.map((step) => ({ block, step }))).find(
        ({ step }) => step.keepsRunning,
      )!
      const at = stepsOfSlide(manifest, long.block.slide)
      const index = at.findIndex(({ step }) => step === long.step)
      await page.goto(`${site.origin}/`)
      await jump(page, long.block.slide, index)
      await expectRecorded(page, at[index - 1]!, recordings)
      await press(page, 'PageDown')
      const pane = paneOf(page, long.block)
      await expect(pillOf(pane, long.step)).toHaveAttribute('data-status', 'running')
      await expect.poll(() => rowsOf(pane)).toContain(typed(long.step)[0])
      await press(page, 'PageDown')
      await expect(pillOf(pane, long.step)).toHaveAttribute('data-status', 'done')
      await expectRecorded(page, at[index + 1]!, recordings)
    } finally {
      await site.end()
    }
  })
})
