/** A talk in a browser: where it stands, and what one press of a key does. */
import { expect, type Locator, type Page } from '@playwright/test'
import { readDeck } from '../../../server/read-deck.ts'
import { stepsOf, type DeckManifest, type Lab, type LabBlock, type Step } from '../../../server/protocol/lab.ts'

export interface Position {
  slide: number
  clicks: number
}

/** A step with what it stands in; `ordinal` counts the lab's steps from 1. */
export interface PlacedStep {
  lab: Lab
  block: LabBlock
  step: Step
  ordinal: number
}

export const deckManifest: Promise<DeckManifest> = readDeck()

export function positionOf(page: Page): Position {
  const hash = new URL(new URL(page.url()).hash.slice(1), page.url())
  return { slide: Number(/(\d+)$/.exec(hash.pathname)?.[1] ?? 1), clicks: Number(hash.searchParams.get('clicks') ?? 0) }
}

/** The steps that the clicks of a slide run, in their order. */
export function stepsOfSlide({ labs }: DeckManifest, slide: number): PlacedStep[] {
  return labs
    .flatMap((lab) => lab.blocks.filter((block) => block.slide === slide).map((block) => ({ lab, block })))
    .toSorted((one, other) => one.block.line - other.block.line)
    .flatMap(({ lab, block }) => block.steps.map((step) => ({ lab, block, step, ordinal: stepsOf(lab).indexOf(step) + 1 })))
}

/** Presses a key and waits until the talk has moved. */
export async function press(page: Page, key: 'PageDown' | 'PageUp'): Promise<Position> {
  const before = positionOf(page)
  await page.keyboard.press(key)
  await expect.poll(() => positionOf(page), { message: `${key} on slide ${before.slide}, click ${before.clicks}` }).not.toEqual(before)
  return positionOf(page)
}

/** Waits until the deck has drawn its first slide: before that it would not hear of another address. */
export async function drawn(page: Page): Promise<void> {
  await expect(page.locator('.slidev-layout').filter({ visible: true }).first()).toBeVisible()
}

/** Goes to a slide as a speaker does who types its number into the address bar. */
export async function jump(page: Page, slide: number, clicks = 0): Promise<void> {
  await drawn(page)
  await page.evaluate((hash) => (location.hash = hash), `#/${slide}${clicks > 0 ? `?clicks=${clicks}` : ''}`)
  await expect.poll(() => positionOf(page)).toEqual({ slide, clicks })
}

export function paneOf(page: Page, block: LabBlock): Locator {
  return page.locator(`.lab-pane[data-lab-block="${block.id}"]`)
}

export function pillOf(pane: Locator, step: Step): Locator {
  return pane.locator(`[data-step="${step.id}"]`)
}

/** The screen of a pane as the audience reads it: its rows without blanks at their ends and without empty rows at the bottom. */
export async function rowsOf(pane: Locator): Promise<string[]> {
  const rows = await pane.locator('.xterm-rows > div').evaluateAll((all) => all.map((row) => row.textContent ?? ''))
  const texts = rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd())
  while (texts.at(-1) === '') texts.pop()
  return texts
}

/** The rows that go on with the row above because a line was longer than the screen is wide. */
export async function wrappedRows(pane: Locator): Promise<string> {
  return (await pane.locator('.lab-terminal').getAttribute('data-wrapped')) ?? 'the pane does not tell'
}
