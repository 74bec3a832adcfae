/** When a cron job's schedule falls due. What a schedule may be is the API server's word: its parser (resources/batch/schedule.ts) is the only one. */
import { parseSchedule, scheduleError } from '../../resources/batch/schedule.ts'

const SECOND = 1_000
const MINUTE = 60_000
/** Minutes looked ahead: five years, as the library's own limit. */
const HORIZON = 5 * 366 * 24 * 60

/** The times of a schedule (UTC), or null where the text is none. `next`: the first one after `from` (ms), or null within the next five years. */
export function timesOf(text: string): { next(from: number): number | null } | null {
  if (scheduleError(text) !== null) return null
  const schedule = parseSchedule(text)
  // a constant delay counts from whole seconds (robfig/cron's ConstantDelaySchedule)
  if ('every' in schedule) return { next: (from) => Math.floor(from / SECOND) * SECOND + schedule.every }
  const [minutes, hours, days, months, weekdays] = schedule.fields as [Field, Field, Field, Field, Field]
  const matches = (time: Date): boolean => {
    if (!minutes.has(time.getUTCMinutes()) || !hours.has(time.getUTCHours()) || !months.has(time.getUTCMonth() + 1)) return false
    const day = days.has(time.getUTCDate())
    const weekday = weekdays.has(time.getUTCDay())
    return schedule.anyDay || schedule.anyWeekday ? day && weekday : day || weekday
  }
  return {
    next(from) {
      let time = (Math.floor(from / MINUTE) + 1) * MINUTE
      for (let i = 0; i < HORIZON; i++, time += MINUTE) if (matches(new Date(time))) return time
      return null
    },
  }
}

type Field = ReadonlySet<number>
