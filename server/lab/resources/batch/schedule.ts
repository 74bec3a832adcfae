/** Schedules of cron jobs: the five fields of cron, `@daily` and its like, `@every 5m` (robfig/cron v3, standard parser). */

interface Bounds {
  from: number
  to: number
  names?: Record<string, number>
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const numbered = (names: string[], first: number): Record<string, number> =>
  Object.fromEntries(names.map((name, index) => [name, index + first]))

const FIELDS: Bounds[] = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: numbered(MONTHS, 1) },
  { from: 0, to: 6, names: numbered(DAYS, 0) },
]

const DESCRIPTORS: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** Minutes, hours, days of the month, months, days of the week that a schedule names; or an interval in ms. */
export type Schedule = { fields: ReadonlySet<number>[]; anyDay: boolean; anyWeekday: boolean } | { every: number }

const isStar = (word: string | undefined): boolean => word !== undefined && /^[*?](\/1)?$/.test(word)

/** Reads a schedule. Throws with the parser's own words. */
export function parseSchedule(text: string): Schedule {
  const spec = text.replace(/^(CRON_)?TZ=\S+\s+/, '').trim()
  if (spec === '') throw new Error('empty spec string')
  if (spec.startsWith('@every ')) return { every: parseDuration(spec.slice('@every '.length), spec) }
  if (spec.startsWith('@') && DESCRIPTORS[spec] === undefined) throw new Error(`unrecognized descriptor: ${spec}`)
  const words = (DESCRIPTORS[spec] ?? spec).split(/\s+/)
  if (words.length !== FIELDS.length) {
    throw new Error(`expected exactly ${FIELDS.length} fields, found ${words.length}: [${words.join(' ')}]`)
  }
  return {
    fields: words.map((word, index) => parseField(word, FIELDS[index] as Bounds)),
    anyDay: isStar(words[2]),
    anyWeekday: isStar(words[4]),
  }
}

/** The parser's message for a schedule that is none; null for a good one. */
export function scheduleError(text: string): string | null {
  try {
    parseSchedule(text)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function parseField(field: string, bounds: Bounds): Set<number> {
  const values = new Set<number>()
  for (const part of field.split(',').filter((each) => each !== '')) for (const value of parseRange(part, bounds)) values.add(value)
  return values
}

function parseRange(expression: string, { from, to, names }: Bounds): number[] {
  const [range = '', stepText, ...tooMany] = expression.split('/')
  const [low = '', high, ...more] = range.split('-')
  if (more.length > 0) throw new Error(`too many hyphens: ${expression}`)
  if (tooMany.length > 0) throw new Error(`too many slashes: ${expression}`)
  const star = low === '*' || low === '?'
  const start = star ? from : parseValue(low, names)
  let end = star ? to : high === undefined ? start : parseValue(high, names)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  // `5/15`: from 5 on, every 15.
  if (stepText !== undefined && !star && high === undefined) end = to
  if (start < from) throw new Error(`beginning of range (${start}) below minimum (${from}): ${expression}`)
  if (end > to) throw new Error(`end of range (${end}) above maximum (${to}): ${expression}`)
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${expression}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${expression}`)
  const values: number[] = []
  for (let value = start; value <= end; value += step) values.push(value)
  return values
}

function parseValue(text: string, names: Record<string, number> | undefined): number {
  return names?.[text.toLowerCase()] ?? parseNumber(text)
}

function parseNumber(text: string): number {
  if (/^[+]?\d+$/.test(text)) return Number(text)
  if (/^-\d+$/.test(text)) throw new Error(`negative number (${Number(text)}) not allowed: ${text}`)
  throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function parseDuration(text: string, spec: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    throw new Error(`failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(text)}`)
  }
  let total = 0
  for (const [, amount = '0', unit = 's'] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(amount) * (UNITS[unit] ?? 0)
  return Math.max(1_000, Math.floor(total / 1_000) * 1_000)
}
