import type { FieldError } from '../../definition.ts'
import { checkRule } from '../../kit/checks.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../kit/field-errors.ts'
import { dnsLabel } from '../../kit/names.ts'
import { parseQuantity } from '../../kit/quantity.ts'
import { checkResourceReference, checkVolumeFieldReference } from './validate-environment.ts'

/* oxlint-disable typescript/no-explicit-any */

const MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive'
const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket']
const TEN_MINUTES = 600

/** Sources in the order in which the server looks for them: the first is checked, each further one is one too many. */
const SOURCES: [key: string, check: (source: any, path: string) => FieldError[]][] = [
  ['emptyDir', checkEmptyDir],
  ['hostPath', checkHostPath],
  ['gitRepo', (source, path) => (source.repository ? [] : [required(`${path}.repository`)])],
  ['gcePersistentDisk', (source, path) => (source.pdName ? [] : [required(`${path}.pdName`)])],
  ['awsElasticBlockStore', (source, path) => (source.volumeID ? [] : [required(`${path}.volumeID`)])],
  ['secret', (source, path) => checkKeys(source, source.secretName, 'secretName', path)],
  ['nfs', checkNfs],
  ['iscsi', () => []],
  ['glusterfs', () => []],
  ['flocker', () => []],
  ['persistentVolumeClaim', (source, path) => (source.claimName ? [] : [required(`${path}.claimName`)])],
  ['rbd', () => []],
  ['cinder', () => []],
  ['cephfs', () => []],
  ['quobyte', () => []],
  ['downwardAPI', checkDownward],
  ['fc', () => []],
  ['flexVolume', () => []],
  ['configMap', (source, path) => checkKeys(source, source.name, 'name', path)],
  ['azureFile', () => []],
  ['vsphereVolume', () => []],
  ['photonPersistentDisk', () => []],
  ['portworxVolume', () => []],
  ['azureDisk', () => []],
  ['storageos', () => []],
  ['projected', checkProjected],
  ['scaleIO', () => []],
  ['csi', (source, path) => (source.driver ? [] : [required(`${path}.driver`)])],
  ['ephemeral', (source, path) => (source.volumeClaimTemplate ? [] : [required(`${path}.volumeClaimTemplate`)])],
  ['image', () => []],
]

/** Problems of the volumes, and those that mounts can use. */
export function checkVolumes(volumes: any[], path: string): { errors: FieldError[]; known: Map<string, any> } {
  const errors: FieldError[] = []
  const known = new Map<string, any>()
  for (const [index, volume] of volumes.entries()) {
    const at = `${path}[${index}]`
    const own = checkSource(volume, at)
    if (!volume.name) own.push(required(`${at}.name`))
    else own.push(...checkRule(dnsLabel, volume.name, `${at}.name`))
    if (known.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name))
    if (own.length === 0) known.set(volume.name, volume)
    errors.push(...own)
  }
  return { errors, known }
}

function checkSource(volume: any, path: string): FieldError[] {
  const [first, ...more] = SOURCES.filter(([key]) => volume[key])
  if (first === undefined) return [required(path, 'must specify a volume type')]
  const [key, check] = first
  return [
    ...check(volume[key], `${path}.${key}`),
    ...more.map(([other]) => forbidden(`${path}.${other}`, 'may not specify more than 1 volume type')),
  ]
}

function checkEmptyDir({ sizeLimit }: any, path: string): FieldError[] {
  return (parseQuantity(sizeLimit)?.nano ?? 0n) < 0n
    ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
    : []
}

function checkHostPath({ path: hostPath, type = '' }: any, path: string): FieldError[] {
  if (!hostPath) return [required(`${path}.path`)]
  const errors = checkNoBacksteps(hostPath, `${path}.path`)
  return HOST_PATH_TYPES.includes(type) ? errors : [...errors, notSupported(`${path}.type`, type, HOST_PATH_TYPES)]
}

function checkNfs({ server, path: exported }: any, path: string): FieldError[] {
  const errors = server ? [] : [required(`${path}.server`)]
  if (!exported) errors.push(required(`${path}.path`))
  else if (!exported.startsWith('/')) errors.push(invalid(`${path}.path`, exported, 'must be an absolute path'))
  return errors
}

function checkMode(mode: number | undefined, path: string): FieldError[] {
  return typeof mode === 'number' && (mode < 0 || mode > 0o777) ? [invalid(path, mode, MODE_MESSAGE)] : []
}

/** A ConfigMap or a Secret as files. */
function checkKeys(source: any, name: string | undefined, nameField: string, path: string): FieldError[] {
  return [
    ...(name ? [] : [required(`${path}.${nameField}`)]),
    ...checkMode(source.defaultMode, `${path}.defaultMode`),
    ...(source.items ?? []).flatMap((item: any, index: number) => checkKeyToPath(item, `${path}.items[${index}]`)),
  ]
}

function checkKeyToPath({ key, path: file = '', mode }: any, at: string): FieldError[] {
  return [
    ...(key ? [] : [required(`${at}.key`)]),
    ...(file ? [] : [required(`${at}.path`)]),
    ...checkLocalPath(file, `${at}.path`),
    ...checkMode(mode, `${at}.mode`),
  ]
}

function checkDownward({ defaultMode, items = [] }: any, path: string): FieldError[] {
  return [...checkMode(defaultMode, `${path}.defaultMode`), ...items.flatMap((item: any) => checkDownwardFile(item, path))]
}

function checkDownwardFile({ path: file = '', fieldRef, resourceFieldRef, mode }: any, path: string): FieldError[] {
  const errors = file ? [] : [required(`${path}.path`)]
  errors.push(...checkLocalPath(file, `${path}.path`))
  if (fieldRef) {
    errors.push(...checkVolumeFieldReference(fieldRef, `${path}.fieldRef`))
    if (resourceFieldRef) errors.push(invalid(path, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'))
  } else if (resourceFieldRef) errors.push(...checkResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, true))
  else errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
  return [...errors, ...checkMode(mode, `${path}.mode`)]
}

function checkProjected({ defaultMode, sources = [] }: any, path: string): FieldError[] {
  const errors = checkMode(defaultMode, `${path}.defaultMode`)
  const files = new Set<string>()
  const claim = (file: string | undefined, owner: string): void => {
    if (!file) return
    if (files.has(file)) errors.push(invalid(path, owner, 'conflicting duplicate paths'))
    files.add(file)
  }
  for (const [index, source] of sources.entries()) {
    const at = `${path}.sources[${index}]`
    for (const key of ['secret', 'configMap']) {
      if (!source[key]) continue
      const { name, items = [] } = source[key]
      if (!name) errors.push(required(`${at}.${key}.name`))
      for (const [i, item] of items.entries()) {
        errors.push(...checkKeyToPath(item, `${at}.${key}.items[${i}]`))
        claim(item.path, name)
      }
    }
    for (const item of source.downwardAPI?.items ?? []) {
      errors.push(...checkDownwardFile(item, `${at}.downwardAPI`))
      claim(item.path, item.path)
    }
    if (source.serviceAccountToken) errors.push(...checkToken(source.serviceAccountToken, `${at}.serviceAccountToken`, path))
    const given = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'].filter((key) => source[key])
    if (given.length > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'))
  }
  return errors
}

function checkToken({ expirationSeconds = 3600, path: file }: any, at: string, volumePath: string): FieldError[] {
  const field = `${at}.expirationSeconds`
  const errors: FieldError[] = []
  if (expirationSeconds < TEN_MINUTES) errors.push(invalid(field, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  if (expirationSeconds > 2 ** 32) errors.push(invalid(field, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  if (!file) errors.push(required(`${volumePath}.path`))
  else errors.push(...checkLocalPath(file, `${volumePath}.path`))
  return errors
}

function checkNoBacksteps(value: string, path: string): FieldError[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : []
}

/** A path below the volume's root. */
export function checkRelativePath(value: string, path: string): FieldError[] {
  const errors = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []
  return [...errors, ...checkNoBacksteps(value, path)]
}

function checkLocalPath(value: string, path: string): FieldError[] {
  const errors = checkRelativePath(value, path)
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalid(path, value, "must not start with '..'"))
  return errors
}
