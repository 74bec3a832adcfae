/** Field validation of bodies: unknown and duplicate fields, values of the wrong type, in the words of the server's decoders. */
import type { KubeObject } from '../resources/definition.ts'
import { decodeObject, duplicateFields, schemaOf, structOf, type Source } from '../resources/schema/index.ts'
import { ApiError, badRequest } from '../store/api-error.ts'
import { errorBody } from '../resources/kit/field-errors.ts'
import { isObject } from '../store/objects.ts'
import { isCustom } from './custom/definition.ts'
import { unknownFields } from './custom/prune.ts'
import { minorVersion } from '../resources/kit/version.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import type { FieldValidation } from './write-options.ts'

interface Problems {
  strict: string[]
  error: string | null
}

function problemsOf(target: Target, object: KubeObject, source: Source): Problems {
  const { definition } = target
  if (isCustom(definition)) {
    const { customSchema } = definition
    const strict = customSchema ? unknownFields(object, customSchema).map((path) => `unknown field "${path}"`) : []
    return { strict: [...strict, ...unknownMetadata(object)], error: null }
  }
  const shape = schemaOf(definition.group, definition.version, definition.kind)
  return shape ? decodeObject(object, shape, source) : { strict: [], error: null }
}

/** Servers look for unknown fields from 1.25 on; before, they were dropped without a word, and it was for kubectl to find them. */
const FIRST_MINOR = 25

function unknownMetadata({ metadata }: KubeObject): string[] {
  if (!isObject(metadata)) return []
  return decodeObject(metadata, structOf('meta.v1.ObjectMeta')).strict.map((text) => text.replace('"', '"metadata.'))
}

function warnOrRefuse(exchange: Exchange, strict: string[], validation: FieldValidation, refuse: (message: string) => never): void {
  if (minorVersion(exchange.lab.settings) < FIRST_MINOR) return
  if (strict.length === 0 || validation === 'Ignore') return
  if (validation === 'Warn') exchange.warnings.push(...strict)
  else refuse(`strict decoding error: ${strict.join(', ')}`)
}

/** Checks the body of a create or update. `text` is the JSON that it was, where it was. Throws BadRequest (transformDecodeError of apiserver). */
export function checkBody(exchange: Exchange, target: Target, object: KubeObject, text: string | null, validation: FieldValidation): void {
  const { kind, version } = target.definition
  const refuse = (message: string): never => {
    throw badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${message}`)
  }
  const { strict, error } = problemsOf(target, object, 'json')
  if (error !== null) refuse(error)
  const duplicates = text === null || validation === 'Ignore' ? [] : duplicateFields(text)
  warnOrRefuse(exchange, [...duplicates, ...strict], validation, refuse)
}

/** What a server says of a patch that leaves no object of the kind (applyPatchToObject of apiserver's patch.go). */
export function invalidPatch(value: string, detail: string): ApiError {
  const error = { type: 'Invalid' as const, field: 'patch', value, detail }
  const message = errorBody(error)
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, {
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  })
}

/** Checks an object as a patch left it. `printed` is the patch (or the object) as the server quotes it. Throws Invalid. */
export function checkPatched(
  exchange: Exchange,
  target: Target,
  object: KubeObject,
  { source, printed, validation, text }: { source: Source; printed: () => string; validation: FieldValidation; text: string | null },
): void {
  const { strict, error } = problemsOf(target, object, source)
  if (error !== null) throw invalidPatch(printed(), error)
  const duplicates = text === null || validation === 'Ignore' ? [] : duplicateFields(text)
  warnOrRefuse(exchange, [...duplicates, ...strict], validation, (message) => {
    throw invalidPatch(printed(), message)
  })
}
