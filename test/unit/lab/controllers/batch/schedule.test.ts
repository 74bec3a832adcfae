import { describe, expect, test } from 'vitest'
import { timesOf } from '../../../../../server/lab/controllers/batch/schedule.ts'

/** A Tuesday. */
const FROM = Date.UTC(2026, 10, 24, 8, 7, 30)
const next = (text: string): string | null => {
  const time = timesOf(text)?.next(FROM)
  return time == null ? null : new Date(time).toISOString().slice(0, 19)
}

describe('a schedule falls due', () => {
  test.each([
    ['* * * * *', '2026-11-24T08:08:00'],
    ['0 3 * * *', '2026-11-25T03:00:00'],
    ['*/15 * * * *', '2026-11-24T08:15:00'],
    ['0 0 1 * *', '2026-12-01T00:00:00'],
    ['0 0 * * fri', '2026-11-27T00:00:00'],
    // a day of the month and a day of the week: either
    ['0 0 1 * fri', '2026-11-27T00:00:00'],
    // every second day is a restriction as well: either
    ['0 0 */2 * fri', '2026-11-25T00:00:00'],
    ['@hourly', '2026-11-24T09:00:00'],
    ['@every 90s', '2026-11-24T08:09:00'],
    ['0 0 30 2 *', null],
  ])('%s', (text, time) => expect(next(text)).toBe(time))

  test('never, where it is none', () => expect(timesOf('nonsense')).toBeNull())
})
