/** Arguments and environment as a validated configuration. Everything that is wrong here is a Problem with one line: what, where, what to do. */
import * as v from 'valibot'
import { Problem } from './problem.ts'
import { PRESET_NAMES } from './protocol/lab-control.ts'

export interface PoolRange {
  first: string
  last: string
}

export interface Config {
  host: string
  port: number
  open: boolean
  json: boolean
  /** Answers the question before the first write to a real cluster. */
  yes: boolean
  /** What embedded clusters start from: one of PRESET_NAMES. */
  preset: string
  /** A real cluster's kubeconfig and context; null: the embedded lab, or the current context. */
  kubeconfig: string | null
  context: string | null
  /** Addresses for load balancers on this cluster; null: those of the deck. */
  pool: PoolRange | null
}

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/

/** An IPv4 address as a number, or null. */
export function addressNumber(text: string): number | null {
  const bytes = ADDRESS.exec(text)?.slice(1).map(Number)
  if (!bytes || bytes.some((byte) => byte > 255)) return null
  return bytes.reduce((number, byte) => number * 256 + byte, 0)
}

/** The n-th address from `first`. */
export function addressAt(first: string, n: number): string {
  const number = addressNumber(first)! + n
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

function parsePool(text: string): PoolRange {
  const [first, last, ...rest] = text.split('-').map((part) => part.trim())
  const [from, to] = [addressNumber(first ?? ''), addressNumber(last ?? '')]
  const wanted = 'give first and last address, like --pool 192.168.1.11-192.168.1.19'
  if (from === null || to === null || rest.length > 0) throw new Problem(`--pool ${text}: this is no range of IPv4 addresses; ${wanted}`)
  if (to < from) throw new Problem(`--pool ${text}: the last address comes before the first; ${wanted}`)
  if (to - from > 65_535) throw new Problem(`--pool ${text}: more than 65,536 addresses; ${wanted}`)
  return { first: first!, last: last! }
}

const text = (what: string) => v.pipe(v.unknown(), v.transform(String), v.minLength(1, `${what} needs a value`))

const schema = v.object({
  host: v.optional(text('--host'), '127.0.0.1'),
  port: v.optional(
    v.pipe(
      v.unknown(),
      v.transform(Number),
      v.integer('--port takes a whole number from 0 to 65535 (0 picks a free port)'),
      v.minValue(0, '--port takes a whole number from 0 to 65535 (0 picks a free port)'),
      v.maxValue(65_535, '--port takes a whole number from 0 to 65535 (0 picks a free port)'),
    ),
    3030,
  ),
  open: v.optional(v.boolean('--open takes no value: leave it out, or give --no-open'), true),
  json: v.optional(v.boolean('--json takes no value'), false),
  yes: v.optional(v.boolean('--yes takes no value'), false),
  preset: v.optional(
    v.pipe(
      text('--preset'),
      v.check(
        (name) => PRESET_NAMES.includes(name),
        (issue) => `--preset ${issue.input}: there is no such preset; choose one of ${PRESET_NAMES.join(', ')}`,
      ),
    ),
    'today',
  ),
  kubeconfig: v.optional(v.nullable(text('--kubeconfig')), null),
  context: v.optional(v.nullable(text('--context')), null),
  pool: v.optional(v.nullable(v.pipe(text('--pool'), v.transform(parsePool))), null),
})

/** Validates what the command line gave. Throws a Problem. */
export function readConfig(options: Record<string, unknown>): Config {
  for (const [name, value] of Object.entries(options)) {
    if (Array.isArray(value) && name !== '--') throw new Problem(`--${name} is given ${value.length} times: give it once`)
  }
  const parsed = v.safeParse(schema, options)
  if (!parsed.success) throw new Problem(parsed.issues[0].message)
  const config = parsed.output
  if (config.context !== null && config.kubeconfig === null) {
    throw new Problem(`--context ${config.context} needs a kubeconfig to look it up in: add --kubeconfig FILE`)
  }
  return config
}
