/** Decoding of the values that JSON has no type for. */

/** Whether a number fits Go's integer type. */
export function isWholeNumber(value: number, go: string): boolean {
  if (!Number.isInteger(value)) return false
  return go !== 'int32' || (value >= -(2 ** 31) && value < 2 ** 31)
}

type Text = { text: string; error?: undefined } | { error: string }

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)$/

const LAYOUTS = { time: '2006-01-02T15:04:05Z07:00', microTime: '2006-01-02T15:04:05.000000Z07:00' }

/** Times that were decoded lately: an object's many times are few different ones, and they come again with each of its versions. */
const decodedTimes = { time: new Map<string, Text>(), microTime: new Map<string, Text>() }
const DECODED_TIMES = 1_000

/** A time in UTC: in whole seconds, or with six digits of a fraction. */
export function decodeTime(value: string, kind: 'time' | 'microTime'): Text {
  const known = decodedTimes[kind]
  let decoded = known.get(value)
  if (decoded === undefined) {
    if (known.size >= DECODED_TIMES) known.clear()
    known.set(value, (decoded = decodeNewTime(value, kind)))
  }
  return decoded
}

function decodeNewTime(value: string, kind: 'time' | 'microTime'): Text {
  const match = RFC3339.exec(value)
  const milliseconds = match === null ? NaN : Date.parse(value)
  if (Number.isNaN(milliseconds)) {
    const quoted = JSON.stringify(value)
    return { error: `parsing time ${quoted} as ${JSON.stringify(LAYOUTS[kind])}: cannot parse ${quoted} as "2006"` }
  }
  const seconds = new Date(milliseconds).toISOString().slice(0, 19)
  if (kind === 'time') return { text: `${seconds}Z` }
  return { text: `${seconds}.${(match?.[1] ?? '').padEnd(6, '0').slice(0, 6)}Z` }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Bytes as base64, line breaks removed. An end that comes too early is reported where its group of four began, as in encoding/base64. */
export function decodeBytes(value: string): Text {
  const text = value.replaceAll(/[\r\n]/g, '')
  if (BASE64.test(text)) return { text }
  const at = /[^A-Za-z0-9+/=]/.exec(text)?.index ?? Math.floor(text.length / 4) * 4
  return { error: `illegal base64 data at input byte ${at}` }
}
