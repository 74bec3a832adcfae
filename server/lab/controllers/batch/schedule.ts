/** Cron schedules as CronJobs write them: five fields, `@hourly` and the like, `@every 90s` is refused by the API server. */
export interface Schedule {
  /** The first time after `from` (ms), or null within the next five years. */
  next(from: number): number | null
}

const MACROS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const MINUTE = 60_000
const HORIZON = 5 * 366 * 24 * 60

function field(text: string, least: number, most: number, names: string[] = [], base = 0): Set<number> | null {
  const values = new Set<number>()
  const number = (word: string): number => {
    const named = names.indexOf(word.toLowerCase())
    return named >= 0 ? named + base : Number(word)
  }
  for (const part of text.split(',')) {
    const [range = '', step] = part.split('/')
    const [from, to] = range === '*' || range === '?' ? [least, most] : range.split('-').map(number)
    const every = step === undefined ? 1 : Number(step)
    const last = to ?? (step === undefined ? from : most)
    if (from === undefined || last === undefined || [from, last, every].some((value) => !Number.isInteger(value))) return null
    if (from < least || last > most || every < 1) return null
    for (let value = from; value <= last; value += every) values.add(value)
  }
  return values
}

/** null where it is no schedule. Times are UTC. */
export function parseSchedule(text: string): Schedule | null {
  const parts = (MACROS[text.trim()] ?? text).trim().split(/\s+/)
  if (parts.length !== 5) return null
  const [minuteText = '', hourText = '', dayText = '', monthText = '', weekdayText = ''] = parts
  const minutes = field(minuteText, 0, 59)
  const hours = field(hourText, 0, 23)
  const days = field(dayText, 1, 31)
  const months = field(monthText, 1, 12, MONTHS, 1)
  const weekdays = field(weekdayText, 0, 7, DAYS)
  if (!minutes || !hours || !days || !months || !weekdays) return null
  if (weekdays.has(7)) weekdays.add(0)
  const anyDay = dayText.startsWith('*') || weekdayText.startsWith('*')
  const matches = (time: Date): boolean => {
    if (!minutes.has(time.getUTCMinutes()) || !hours.has(time.getUTCHours()) || !months.has(time.getUTCMonth() + 1)) return false
    const day = days.has(time.getUTCDate())
    const weekday = weekdays.has(time.getUTCDay())
    return anyDay ? day && weekday : day || weekday
  }
  return {
    next(from) {
      let time = (Math.floor(from / MINUTE) + 1) * MINUTE
      for (let i = 0; i < HORIZON; i++, time += MINUTE) if (matches(new Date(time))) return time
      return null
    },
  }
}
