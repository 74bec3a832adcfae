import { goSyntaxError } from '../kit/go-json.ts'
import { isDeepStrictEqual } from 'node:util'
import type { FieldError, KubeObject, ResourceDefinition } from '../definition.ts'
import { checkImmutable } from '../kit/checks.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { forbidden, invalid, required, tooLong } from '../kit/field-errors.ts'
import { byteLength, configKey } from '../kit/names.ts'

/** Of all values together: 1 MiB. */
const LIMIT = 1024 * 1024
const FROZEN = 'field is immutable when `immutable` is set'

const size = (map: object | undefined): number => Object.keys(map ?? {}).length

/** Bytes that base64 stands for. */
const decodedLength = (text: string): number => Math.floor((text.replace(/=+$/, '').length * 3) / 4)

function checkKeys(data: Record<string, string> | undefined, path: string): FieldError[] {
  return Object.keys(data ?? {}).flatMap((key) => configKey(key).map((message) => invalid(`${path}[${key}]`, key, message)))
}

/** What may not change any more once `immutable` was set. */
function checkFrozen(object: KubeObject, old: KubeObject, fields: string[]): FieldError[] {
  if (old['immutable'] !== true) return []
  const errors = object['immutable'] === true ? [] : [forbidden('immutable', FROZEN)]
  return [...errors, ...fields.filter((key) => !isDeepStrictEqual(object[key], old[key])).map((key) => forbidden(key, FROZEN))]
}

function validateConfigMap({ data = {}, binaryData = {} }: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  let total = 0
  for (const [key, value] of Object.entries<string>(data)) {
    errors.push(...configKey(key).map((message) => invalid(`data[${key}]`, key, message)))
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    total += byteLength(value)
  }
  errors.push(...checkKeys(binaryData, 'binaryData'))
  for (const value of Object.values<string>(binaryData)) total += decodedLength(value)
  return total > LIMIT ? [...errors, tooLong('[]', LIMIT)] : errors
}

export function configMaps(): ResourceDefinition {
  return defineResource({
    kind: 'ConfigMap',
    shortNames: ['cm'],
    columns: [column('Data', (object) => size(object['data']) + size(object['binaryData']))],
    strategy: {
      validate: validateConfigMap,
      validateUpdate: (object, old) => [...checkFrozen(object, old, ['data', 'binaryData']), ...validateConfigMap(object)],
    },
  })
}

/** Keys that a secret of a type must have. */
function checkType({ type, data = {}, metadata }: KubeObject): FieldError[] {
  const missing = (...keys: string[]): FieldError[] => keys.filter((key) => !(key in data)).map((key) => required(`data[${key}]`))
  switch (type) {
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name'
      return metadata.annotations?.[key] ? [] : [required(`metadata.annotations[${key}]`)]
    }
    case 'kubernetes.io/dockercfg':
      return [...missing('.dockercfg'), ...checkJson(data, '.dockercfg')]
    case 'kubernetes.io/dockerconfigjson':
      return [...missing('.dockerconfigjson'), ...checkJson(data, '.dockerconfigjson')]
    case 'kubernetes.io/basic-auth': {
      const absent = missing('username', 'password')
      return absent.length === 2 ? absent : []
    }
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')]
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key')
    default:
      return []
  }
}

function checkJson(data: Record<string, string>, key: string): FieldError[] {
  if (data[key] === undefined) return []
  const problem = goSyntaxError(Buffer.from(data[key], 'base64'))
  return problem === null ? [] : [invalid(`data[${key}]`, '<secret contents redacted>', problem)]
}

function validateSecret(secret: KubeObject): FieldError[] {
  const errors = checkKeys(secret['data'], 'data')
  let total = 0
  for (const value of Object.values<string>(secret['data'] ?? {})) total += decodedLength(value)
  if (total > LIMIT) errors.push(tooLong('data', LIMIT))
  return [...errors, ...checkType(secret)]
}

export function secrets(): ResourceDefinition {
  return defineResource({
    kind: 'Secret',
    columns: [column('Type', (secret) => secret['type'] ?? ''), column('Data', (secret) => size(secret['data']))],
    strategy: {
      setDefaults(secret) {
        secret['type'] ||= 'Opaque'
        foldStringData(secret)
      },
      validate: validateSecret,
      validateUpdate: (secret, old) => [
        ...checkImmutable(secret['type'], old['type'], 'type'),
        ...checkFrozen(secret, old, ['data']),
        ...validateSecret(secret),
      ],
    },
    selectableFields: (secret) => ({ type: secret['type'] ?? '' }),
  })
}

/** stringData is for writing only: it becomes data. */
function foldStringData(secret: KubeObject): void {
  if (!secret['stringData']) return
  for (const [key, text] of Object.entries(secret['stringData'])) {
    secret['data'] = { ...secret['data'], [key]: Buffer.from(String(text)).toString('base64') }
  }
  delete secret['stringData']
}
