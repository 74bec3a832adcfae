/** Options of create, update and patch requests. */
import { ApiError } from '../store/api-error.ts'
import { goQuote, isPrintable, parseFlag } from './go-words.ts'

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

export interface WriteOptions {
  dryRun: boolean
  fieldManager: string
  fieldValidation: FieldValidation
  force: boolean | null
}

/** Reads the query of a write. `agent` is the User-Agent, whose first part names the manager where the client gives none. Throws 422. */
export function writeOptions(
  query: URLSearchParams,
  agent: string | undefined,
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions',
): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? ''
  if (fieldManager.length > 128) {
    throw invalidOption(kind, `fieldManager: Too long: may not be more than 128 bytes`)
  }
  const odd = [...fieldManager].findIndex((letter) => !isPrintable(letter))
  if (odd >= 0) {
    const letter = [...fieldManager][odd] as string
    const code = (letter.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')
    const position = Buffer.byteLength([...fieldManager].slice(0, odd).join(''))
    throw invalidOption(
      kind,
      `fieldManager: Invalid value: ${goQuote(fieldManager)}: invalid character U+${code} (at position ${position})`,
    )
  }
  const validation = query.get('fieldValidation') || 'Warn'
  if (validation !== 'Strict' && validation !== 'Warn' && validation !== 'Ignore') {
    throw invalidOption(
      kind,
      `fieldValidation: Unsupported value: ${goQuote(validation)}: supported values: "", "Ignore", "Strict", "Warn"`,
    )
  }
  const force = query.get('force')
  return {
    dryRun: isDryRun(query.getAll('dryRun'), kind),
    fieldManager: fieldManager || managerOf(agent),
    fieldValidation: validation,
    force: force === null ? null : parseFlag(query, 'force'),
  }
}

/** As prefixFromUserAgent of apiserver. */
function managerOf(agent: string | undefined): string {
  return (agent ?? '').split('/')[0]?.slice(0, 128) || 'unknown'
}

export function isDryRun(values: readonly string[], kind: string): boolean {
  const wanted = values.filter((value) => value !== '')
  if (wanted.some((value) => value !== 'All')) {
    throw invalidOption(kind, `dryRun: Unsupported value: ${JSON.stringify(wanted)}: supported values: "All"`)
  }
  return wanted.length > 0
}

function invalidOption(kind: string, line: string): ApiError {
  const [field = '', ...rest] = line.split(': ')
  return new ApiError(422, 'Invalid', `${kind}.meta.k8s.io "" is invalid: ${line}`, {
    group: 'meta.k8s.io',
    kind,
    causes: [{ reason: 'FieldValueInvalid', message: rest.join(': '), field }],
  })
}
