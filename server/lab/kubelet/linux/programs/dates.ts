/** date, and the words of dates. Lab time, in UTC as in every container without a zone. */
import type { Program } from '../process.ts'
import { flagsOf } from './kit.ts'

export const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const LONG_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const LONG_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** strftime. */
export function formatDate(format: string, ms: number): string {
  const date = new Date(ms)
  const two = (value: number): string => String(value).padStart(2, '0')
  const iso = date.toISOString()
  const begin = Date.UTC(date.getUTCFullYear(), 0, 1)
  return format.replace(/%(-?)([a-zA-Z%])/g, (all, bare: string, letter: string) => {
    const value = ((): string => {
      switch (letter) {
        case 'Y':
          return String(date.getUTCFullYear())
        case 'y':
          return iso.slice(2, 4)
        case 'm':
          return iso.slice(5, 7)
        case 'd':
          return iso.slice(8, 10)
        case 'e':
          return String(date.getUTCDate()).padStart(2)
        case 'H':
          return iso.slice(11, 13)
        case 'I':
          return two(date.getUTCHours() % 12 || 12)
        case 'M':
          return iso.slice(14, 16)
        case 'S':
          return iso.slice(17, 19)
        case 'N':
          return `${iso.slice(20, 23)}000000`
        case 's':
          return String(Math.floor(ms / 1000))
        case 'F':
          return iso.slice(0, 10)
        case 'T':
        case 'X':
          return iso.slice(11, 19)
        case 'R':
          return iso.slice(11, 16)
        case 'D':
        case 'x':
          return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(2, 4)}`
        case 'a':
          return DAYS[date.getUTCDay()] as string
        case 'A':
          return LONG_DAYS[date.getUTCDay()] as string
        case 'b':
        case 'h':
          return MONTHS[date.getUTCMonth()] as string
        case 'B':
          return LONG_MONTHS[date.getUTCMonth()] as string
        case 'j':
          return String(Math.floor((ms - begin) / 86_400_000) + 1).padStart(3, '0')
        case 'u':
          return String(date.getUTCDay() || 7)
        case 'w':
          return String(date.getUTCDay())
        case 'p':
          return date.getUTCHours() < 12 ? 'AM' : 'PM'
        case 'z':
          return '+0000'
        case 'Z':
          return 'UTC'
        case 'c':
          return formatDate('%a %b %e %H:%M:%S %Y', ms)
        case 'n':
          return '\n'
        case 't':
          return '\t'
        case '%':
          return '%'
        default:
          return all
      }
    })()
    return bare ? value.replace(/^[0 ]+(?=\d)/, '') : value
  })
}

export const date: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'dDsr', ['date'])
  const [format] = words
  let now = process.machine.context.clock.now()
  const given = values.get('d') ?? values.get('date')
  if (given !== undefined && given !== 'now') {
    const seconds = /^@(\d+)$/.exec(given)
    now = seconds ? Number(seconds[1]) * 1000 : Date.parse(/[zZ]$|UTC$|[-+]\d\d:?\d\d$/.test(given) ? given : `${given.replace(' ', 'T')}Z`)
    if (Number.isNaN(now)) {
      yield* process.complain(`invalid date '${given}'`)
      return 1
    }
  }
  if (flags.has('s') || (format !== undefined && !format.startsWith('+'))) {
    yield* process.complain(
      format !== undefined && !format.startsWith('+') ? `invalid date '${format}'` : "can't set date: Operation not permitted",
    )
    return 1
  }
  const pattern =
    format !== undefined
      ? format.slice(1)
      : flags.has('I')
        ? '%Y-%m-%d'
        : flags.has('R')
          ? '%a, %d %b %Y %H:%M:%S %z'
          : '%a %b %e %H:%M:%S %Z %Y'
  yield* process.out(`${formatDate(pattern, now)}\n`)
  return 0
}
