/** What may go wrong on stage: a lab's process that dies, a bridge that dies and is started again. */
import { expect, test } from '@playwright/test'
import type { Lab } from '../../server/protocol/lab.ts'
import { Kubectl } from './support/kubectl.ts'
import { PROMPT, typed } from './support/outcome.ts'
import { labProcessesOf } from './support/processes.ts'
import { freePort, startDeck } from './support/start-deck.ts'
import { deckManifest, paneOf, pillOf, positionOf, press, rowsOf } from './support/talk.ts'
import { openLab, terminalOf, type } from './support/typist.ts'

let lab: Lab

test.beforeAll(async () => {
  lab = (await deckManifest).labs.find(({ preset }) => preset === null)!
})

test('a lab whose process was killed starts anew by itself, and clicks alone bring the talk to where it was', async ({ page }) => {
  const deck = await startDeck()
  const kubectl = await Kubectl.of(deck.kubeconfig)
  const pane = await openLab(page, deck.deck, lab)
  const [first, second] = lab.blocks[0]!.steps
  await press(page, 'PageDown')
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'done')
  expect((await kubectl.run(['create', 'namespace', 'lost'])).code).toBe(0)
  for (const pid of await labProcessesOf(deck.pid)) process.kill(pid, 'SIGKILL')
  await expect(pane.locator('.lab-word[data-kind="missed"]')).toHaveText(
    '랩이 새로 시작되었습니다 · 다음 클릭이 앞 단계 1개부터 다시 실행합니다',
  )
  await expect(pillOf(pane, first!)).toHaveAttribute('data-status', 'pending')
  await expect(pane).toHaveAttribute('data-source', 'live')
  await expect.poll(() => rowsOf(pane)).toEqual([PROMPT])
  await press(page, 'PageDown')
  for (const step of [first!, second!]) await expect(pillOf(pane, step)).toHaveAttribute('data-status', 'done')
  expect(await rowsOf(pane)).toEqual(expect.arrayContaining([typed(first!)[0], typed(second!)[0]]))
  expect((await kubectl.run(['get', 'namespace', 'lost'])).code).toBe(1)
  await type(page, pane, 'curl -s -o /dev/null -m 3 http://192.168.1.10; echo $?', ['7'])
  await deck.end()
})

test('who types on when the bridge is gone turns no slides; started again, it is found by the open page', async ({ page, context }) => {
  const port = await freePort()
  const first = await startDeck('start', port)
  const recording = page.waitForResponse((response) => response.url().endsWith(`/recordings/${lab.id}.cast`))
  const pane = await openLab(page, first.deck, lab)
  await press(page, 'PageDown')
  await expect(pillOf(pane, lab.blocks[0]!.steps[0]!)).toHaveAttribute('data-status', 'done')
  await terminalOf(pane).focus()
  await page.keyboard.type('echo half')
  const before = positionOf(page)
  // what stands in for the bridge is fetched in the first seconds
  await (await recording).finished()
  await first.kill()
  await page.keyboard.type(' of a long command, d f g o 1 2 ')
  const there = paneOf(page, lab.blocks[0]!)
  await expect(there).toHaveAttribute('data-source', 'recorded')
  await expect(there.locator('.lab-word[data-kind="notice"]')).toContainText('브리지와 연결이 끊겨')
  await page.keyboard.type('d f g o 1 2 ')
  expect(positionOf(page)).toEqual(before)
  await expect(page.locator('html')).not.toHaveClass(/dark/)
  // the recording goes on by the same keys
  await press(page, 'PageDown')
  const second = await startDeck('start', port)
  await expect(there.locator('.lab-word[data-kind="notice"]')).toContainText('npm start')
  const fresh = await context.newPage()
  await fresh.goto(second.deck)
  await expect(there).toHaveAttribute('data-source', 'live')
  await expect(there.locator('.lab-word[data-kind="missed"]')).toContainText('다음 클릭')
  await second.end()
  await first.clear()
})
