/** Somebody at the terminal of a talk. */
import { expect, type Locator, type Page } from '@playwright/test'
import type { Lab } from '../../../server/protocol/lab.ts'
import { PROMPT } from './outcome.ts'
import { jump, paneOf, rowsOf } from './talk.ts'

/** Opens the first slide of the lab and waits for its prompt. `url`: with a token. */
export async function openLab(page: Page, url: string, lab: Lab): Promise<Locator> {
  await page.goto(url)
  const block = lab.blocks[0]!
  // the token is in the cookie from here on
  await jump(page, block.slide)
  const pane = paneOf(page, block).and(page.locator('[data-source="live"]'))
  await expect.poll(async () => (await rowsOf(pane)).at(-1)).toMatch(/^\[root@m-k8s/)
  await expect(pane).toHaveClass(/lab-ready/)
  return pane
}

export const terminalOf = (pane: Locator): Locator => pane.locator('.xterm-helper-textarea')

/** Types a line into the terminal and sends it. */
export async function send(page: Page, pane: Locator, line: string): Promise<void> {
  await terminalOf(pane).focus()
  await page.keyboard.insertText(line)
  await page.keyboard.press('Enter')
}

/** Types a command and waits for what it prints and the next prompt. */
export async function type(page: Page, pane: Locator, command: string, printed: string[]): Promise<void> {
  await send(page, pane, command)
  await expect.poll(async () => (await rowsOf(pane)).slice(-printed.length - 2)).toEqual([`${PROMPT} ${command}`, ...printed, PROMPT])
}

/** Lab and terminal as at the start. */
export async function reset(page: Page, pane: Locator): Promise<void> {
  await send(page, pane, 'lab reset')
  await expect(pane.locator('.lab-pills li:not([data-status="pending"])')).toHaveCount(0)
  // the command itself has to end before anything else can run
  await expect.poll(async () => (await rowsOf(pane)).at(-1)).toBe(PROMPT)
}
