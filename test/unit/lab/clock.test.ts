import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { LabClock, ManualClock } from '../../../server/lab/clock.ts'

describe('the clock of a test', () => {
  test('fires timers in the order of their times, equal times in the order of their registration', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }), (delays) => {
        const clock = new ManualClock(0)
        const fired: { delay: number; index: number; now: number }[] = []
        delays.forEach((delay, index) => clock.after(delay, () => fired.push({ delay, index, now: clock.now() })))
        clock.forward(50)
        const expected = delays
          .map((delay, index) => ({ delay, index, now: delay }))
          .toSorted((a, b) => a.delay - b.delay || a.index - b.index)
        expect(fired).toEqual(expected)
      }),
    )
  })

  test('shows each timer its own time, and takes timers that a timer sets within the same stretch', () => {
    const clock = new ManualClock(0)
    const times: number[] = []
    clock.after(10, () => clock.after(5, () => times.push(clock.now())))
    clock.forward(100)
    expect(times).toEqual([15])
    expect(clock.now()).toBe(100)
  })

  test('does not fire what was cancelled', () => {
    const clock = new ManualClock(0)
    const timer = clock.after(1, () => expect.unreachable())
    const beat = clock.every(1, () => expect.unreachable())
    timer.cancel()
    beat.cancel()
    clock.forward(10)
  })

  test('repeats at equal intervals until cancelled from within', () => {
    const clock = new ManualClock(0)
    const times: number[] = []
    const beat = clock.every(10, () => {
      times.push(clock.now())
      if (times.length === 3) beat.cancel()
    })
    clock.forward(100)
    expect(times).toEqual([10, 20, 30])
  })
})

describe('the clock of a running lab', () => {
  test('forwards an hour exactly as an hour passes, and lets others run in between', async () => {
    const clock = new LabClock((error) => expect.unreachable(String(error)), 0)
    clock.setPaused(true)
    let beats = 0
    clock.every(1000, () => beats++)
    let turns = 0
    const others = setInterval(() => turns++, 0)
    await clock.forward(3_600_000)
    clearInterval(others)
    expect(beats).toBe(3600)
    expect(clock.now()).toBe(3_600_000)
    expect(turns).toBeGreaterThan(0)
    clock.dispose()
  })

  test('stands still while it is paused', async () => {
    const clock = new LabClock((error) => expect.unreachable(String(error)), 500)
    clock.setPaused(true)
    const before = clock.now()
    await new Promise((resolve) => setImmediate(resolve))
    expect(clock.now()).toBe(before)
    clock.dispose()
  })

  test('runs faster than real time when told to', async () => {
    const clock = new LabClock((error) => expect.unreachable(String(error)), 0)
    clock.setSpeed(100_000)
    await new Promise<void>((resolve) => clock.after(3_600_000, resolve))
    expect(clock.now()).toBeGreaterThanOrEqual(3_600_000)
    clock.dispose()
  })

  test('passes no timer that has yet to fire, and never goes back, where the machine cannot keep up', async () => {
    const clock = new LabClock((error) => expect.unreachable(String(error)), 0)
    clock.setSpeed(1_000_000)
    const fired = new Promise<number>((resolve) => clock.after(10_000, () => resolve(clock.now())))
    const real = performance.now()
    while (performance.now() - real < 1);
    const late = clock.now()
    expect(late).toBeLessThanOrEqual(await fired)
    expect(clock.now()).toBeGreaterThanOrEqual(await fired)
    clock.dispose()
  })

  test('goes on after a timer that threw, and says what it threw', async () => {
    const faults: unknown[] = []
    const clock = new LabClock((error) => faults.push(error), 0)
    clock.after(0, () => {
      throw new Error('a bug')
    })
    await new Promise<void>((resolve) => clock.after(1, resolve))
    expect(faults).toEqual([new Error('a bug')])
    clock.dispose()
  })

  test('fires nothing after it was disposed of', async () => {
    const clock = new LabClock((error) => expect.unreachable(String(error)), 0)
    clock.after(1, () => expect.unreachable())
    clock.dispose()
    await new Promise((resolve) => setTimeout(resolve, 5))
  })
})
