import { afterEach, describe, expect, it } from 'vitest'
import { FanOut, HIGH_WATER, LOW_WATER } from '../../../server/terminal/fan-out.ts'
import { Screen } from '../../../server/terminal/screen.ts'
import { poll } from '../support/poll.ts'

interface Client {
  log: string[]
  screen(data: string): void
  output(data: string): void
  all(): string
}

function client(): Client {
  const log: string[] = []
  return {
    log,
    screen: (data) => void log.push(`<${data}>`),
    output: (data) => void log.push(data),
    all: () => log.join(''),
  }
}

let opened: { fanOut: FanOut; screen: Screen }[] = []

function open(stallAfter = 60_000): { fanOut: FanOut; faucet: string[] } {
  const faucet: string[] = []
  const screen = new Screen(40, 5)
  const fanOut = new FanOut(screen, { pause: () => void faucet.push('pause'), resume: () => void faucet.push('resume') }, stallAfter)
  opened.push({ fanOut, screen })
  return { fanOut, faucet }
}

afterEach(() => {
  for (const { fanOut, screen } of opened) {
    fanOut.dispose()
    screen.dispose()
  }
  opened = []
})

describe('output to many pages', () => {
  it('gives a page that comes late the screen, then what follows it, with nothing lost or twice', async () => {
    const { fanOut } = open()
    fanOut.push('one ')
    const page = client()
    fanOut.attach(page)
    fanOut.push('two ')
    await poll(() => page.log.length > 0)
    fanOut.push('three')
    expect(page.all()).toBe('<one >two three')
  })

  it('pauses the pty above the high water mark of the slowest page, and lets it go on at the low one', async () => {
    const { fanOut, faucet } = open()
    const [slow, fast] = [client(), client()]
    const slowly = fanOut.attach(slow)
    const quickly = fanOut.attach(fast)
    await poll(() => slow.log.length > 0 && fast.log.length > 0)
    fanOut.push('x'.repeat(HIGH_WATER + 1))
    expect(faucet).toEqual(['pause'])
    quickly.acknowledge(HIGH_WATER + 1)
    expect(faucet).toEqual(['pause'])
    slowly.acknowledge(HIGH_WATER + 1 - LOW_WATER)
    expect(faucet).toEqual(['pause', 'resume'])
  })

  it('goes on when the page that held it up leaves', async () => {
    const { fanOut, faucet } = open()
    const page = client()
    const attachment = fanOut.attach(page)
    await poll(() => page.log.length > 0)
    fanOut.push('x'.repeat(HIGH_WATER + 1))
    attachment.detach()
    expect(faucet).toEqual(['pause', 'resume'])
    expect(fanOut.size).toBe(0)
  })

  it('cuts off a page that acknowledges nothing, and gives it a new screen once it has caught up', async () => {
    const { fanOut, faucet } = open(30)
    const [dead, live] = [client(), client()]
    const deadly = fanOut.attach(dead)
    const lively = fanOut.attach(live)
    await poll(() => dead.log.length > 0 && live.log.length > 0)
    fanOut.push('x'.repeat(HIGH_WATER + 1))
    lively.acknowledge(HIGH_WATER + 1)
    await poll(() => faucet.at(-1) === 'resume')
    fanOut.push('\u001b[2J\u001b[Hafter')
    expect(live.log.at(-1)).toContain('after')
    expect(dead.all()).not.toContain('after')
    deadly.acknowledge(HIGH_WATER + 1)
    await poll(() => dead.log.at(-1)?.startsWith('<'))
    expect(dead.log.at(-1)).toContain('after')
    fanOut.push(' and on')
    expect(dead.log.at(-1)).toBe(' and on')
  })

  it('does not wait for a listener in this process', async () => {
    const { fanOut, faucet } = open()
    const recorder = client()
    fanOut.attach(recorder, false)
    await poll(() => recorder.log.length > 0)
    fanOut.push('x'.repeat(3 * HIGH_WATER))
    expect(faucet).toEqual([])
  })

  it('ignores acknowledgements of more than was sent', async () => {
    const { fanOut, faucet } = open()
    const page = client()
    const attachment = fanOut.attach(page)
    await poll(() => page.log.length > 0)
    attachment.acknowledge(1_000_000_000)
    fanOut.push('x'.repeat(HIGH_WATER + 1))
    expect(faucet).toEqual(['pause'])
  })
})
