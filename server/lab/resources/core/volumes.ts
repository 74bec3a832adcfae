import { isDeepStrictEqual } from 'node:util'
import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition, StrategyContext } from '../definition.ts'
import { checkImmutable, checkMaybeOneOf, checkRule, checkSelector } from '../kit/checks.ts'
import { column, wide, type ColumnSpec } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { forbidden, invalid, notSupported, required } from '../kit/field-errors.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { dnsSubdomain } from '../kit/names.ts'
import { parseQuantity } from '../kit/quantity.ts'
import { compareQuantities } from '../kit/resource-list.ts'
import { internalDiff } from '../schema/internal-form.ts'
import { rfc3339 } from '../kit/time.ts'
import { defaultStorageClass } from '../storage.ts'
import { checkVolumeSource } from '../storage-validate.ts'
import { beyondLimits } from './limit-ranger.ts'
import { minorVersion } from '../kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const MODES: Record<string, string> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** `RWO,ROX`, in the order of the table above. */
function accessModes(modes: string[] | undefined): string {
  return Object.keys(MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => MODES[mode])
    .join(',')
}

/** The storage class of a volume or a claim, '' where it names none. */
export const storageClassOf = ({ metadata, spec }: KubeObject): string =>
  metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? ''
const phase = ({ metadata, status }: KubeObject): string => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))
const volumeMode: ColumnSpec = wide('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')
const attributes = (minor: number): ColumnSpec[] =>
  minor >= 29 ? [column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>')] : []

const NOT_SOURCES = new Set([
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeMode',
  'nodeAffinity',
  'volumeAttributesClassName',
])

function validateVolume(spec: any): FieldError[] {
  const modes: string[] = spec.accessModes ?? []
  const supported = Object.keys(MODES).toSorted()
  const errors = modes.length === 0 ? [required('spec.accessModes')] : []
  for (const mode of modes) if (!supported.includes(mode)) errors.push(notSupported('spec.accessModes', mode, supported))
  const names = Object.keys(spec.capacity ?? {})
  if (names.length === 0) errors.push(required('spec.capacity'))
  if (names.length !== 1 || names[0] !== 'storage') errors.push(notSupported('spec.capacity', spec.capacity ?? null, ['storage']))
  else if ((parseQuantity(spec.capacity.storage)?.nano ?? 1n) <= 0n) {
    // a negative one is told of twice, first as a number
    const { nano = 0n } = parseQuantity(spec.capacity.storage) ?? {}
    if (nano < 0n) errors.push(invalid('spec.capacity[storage]', Number(nano / 10n ** 9n), 'must be a valid resource quantity'))
    errors.push(invalid('spec.capacity[storage]', spec.capacity.storage, 'must be greater than zero'))
  }
  const sources = Object.keys(spec).filter((key) => !NOT_SOURCES.has(key))
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) {
    errors.push(forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'))
  }
  if (spec.nodeAffinity && !spec.nodeAffinity.required) {
    errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'))
  }
  if (spec.local && !spec.nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'))
  // what comes after the first source is looked at no more
  const first = Object.entries(spec).filter(([key]) => NOT_SOURCES.has(key) || key === sources[0])
  errors.push(...checkVolumeSource(Object.fromEntries(first)))
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  }
  for (const extra of sources.slice(1)) errors.push(forbidden(`spec.${extra}`, 'may not specify more than 1 volume type'))
  const policies = ['Delete', 'Recycle', 'Retain']
  errors.push(...checkMaybeOneOf(spec.persistentVolumeReclaimPolicy, policies, 'spec.persistentVolumeReclaimPolicy'))
  if (spec.storageClassName) errors.push(...checkRule(dnsSubdomain, spec.storageClassName, 'spec.storageClassName'))
  return [...errors, ...checkMaybeOneOf(spec.volumeMode, ['Block', 'Filesystem'], 'spec.volumeMode')]
}

/** Where a volume lies cannot change (ValidatePersistentVolumeUpdate). */
function checkVolumeChange(spec: any, before: any): FieldError[] {
  const source = (each: any): object => Object.fromEntries(Object.entries(each).filter(([key]) => !NOT_SOURCES.has(key)))
  const errors: FieldError[] = []
  if (!isDeepStrictEqual(source(spec), source(before))) {
    const difference = internalDiff('PersistentVolumeSource', source(before), source(spec))
    errors.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${difference}`))
  }
  errors.push(...checkImmutable(spec.volumeMode, before.volumeMode, 'volumeMode'))
  if (before.nodeAffinity) errors.push(...checkImmutable(spec.nodeAffinity, before.nodeAffinity, 'nodeAffinity'))
  if (before.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return errors
}

export function persistentVolumes(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'PersistentVolume',
    shortNames: ['pv'],
    namespaced: false,
    subresources: ['status'],
    columns: [
      column('Capacity', ({ spec }) => spec?.capacity?.storage ?? '0'),
      column('Access Modes', ({ spec }) => accessModes(spec?.accessModes)),
      column('Reclaim Policy', ({ spec }) => spec?.persistentVolumeReclaimPolicy ?? ''),
      column('Status', phase),
      column('Claim', ({ spec }) => (spec?.claimRef ? `${spec.claimRef.namespace}/${spec.claimRef.name}` : '')),
      column('StorageClass', storageClassOf),
      ...attributes(minorVersion(settings)),
      column('Reason', ({ status }) => status?.reason ?? ''),
      volumeMode,
    ],
    strategy: {
      setDefaults(volume) {
        const spec = (volume['spec'] ??= {})
        fillEmpty(spec, 'persistentVolumeReclaimPolicy', 'Retain')
        fill(spec, 'volumeMode', 'Filesystem')
        if (spec.hostPath) fill(spec.hostPath, 'type', '')
      },
      prepareForCreate(volume, { now }) {
        volume['status'] = { phase: 'Pending', ...(minorVersion(settings) >= 29 ? { lastPhaseTransitionTime: rfc3339(now) } : {}) }
        volume.metadata.finalizers ??= ['kubernetes.io/pv-protection']
      },
      validate: ({ spec }) => validateVolume(spec ?? {}),
      validateUpdate: ({ spec }, old) => [...validateVolume(spec ?? {}), ...checkVolumeChange(spec ?? {}, old['spec'] ?? {})],
    },
  })
}

export function validateClaim(spec: any, at = 'spec'): FieldError[] {
  const modes: string[] = spec.accessModes ?? []
  const path = `${at}.resources[storage]`
  const storage = spec.resources?.requests?.storage
  const size = parseQuantity(storage)
  const errors = modes.length === 0 ? [required(`${at}.accessModes`, 'at least 1 access mode is required')] : []
  errors.push(...checkSelector(spec.selector, `${at}.selector`))
  const supported = Object.keys(MODES).toSorted()
  for (const mode of modes) if (!supported.includes(mode)) errors.push(notSupported(`${at}.accessModes`, mode, supported))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && supported.includes(mode))) {
    errors.push(forbidden(`${at}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  }
  if (storage === undefined) errors.push(required(path))
  else if (size !== null && size.nano <= 0n) errors.push(invalid(path, storage, 'must be greater than zero'))
  if (spec.storageClassName) errors.push(...checkRule(dnsSubdomain, spec.storageClassName, `${at}.storageClassName`))
  return [...errors, ...checkMaybeOneOf(spec.volumeMode, ['Block', 'Filesystem'], `${at}.volumeMode`)]
}

/** A claim that is bound may grow; everything else stays. A volume's name is written by whoever binds. */
function checkClaimChange(spec: any, old: KubeObject): FieldError[] {
  const before = old['spec'] ?? {}
  const compared = { ...spec }
  if (!before.volumeName && spec.volumeName) delete compared.volumeName
  const bound = old['status']?.phase === 'Bound'
  if (bound) compared.resources = { ...spec.resources, requests: before.resources?.requests }
  if (bound && before.volumeAttributesClassName !== undefined) compared.volumeAttributesClassName = before.volumeAttributesClassName
  if (isDeepStrictEqual(compared, before)) return []
  const message = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [forbidden('spec', `${message}\n${internalDiff('PersistentVolumeClaimSpec', before, compared)}`)]
}

/** The admission plugin PersistentVolumeClaimResize: why a claim may not grow, or null. */
function beyondGrowth(claim: KubeObject, old: KubeObject, context: StrategyContext): string | null {
  if (compareQuantities(claim['spec']?.resources?.requests?.storage, old['spec']?.resources?.requests?.storage) <= 0) return null
  if (old['status']?.phase !== 'Bound') return 'Only bound persistent volume claims can be expanded'
  const name = storageClassOf(claim)
  const allowed =
    name !== '' && name === storageClassOf(old) && context.get('storageclasses.storage.k8s.io', null, name)?.['allowVolumeExpansion']
  return allowed ? null : 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
}

export function persistentVolumeClaims(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'PersistentVolumeClaim',
    shortNames: ['pvc'],
    subresources: ['status'],
    columns: [
      column('Status', phase),
      column('Volume', ({ spec }) => spec?.volumeName ?? ''),
      column('Capacity', ({ spec, status }) => (spec?.volumeName ? (status?.capacity?.storage ?? '0') : '')),
      column('Access Modes', ({ spec, status }) => (spec?.volumeName ? accessModes(status?.accessModes) : '')),
      column('StorageClass', storageClassOf),
      ...attributes(minorVersion(settings)),
      volumeMode,
    ],
    strategy: {
      setDefaults(claim) {
        fill((claim['spec'] ??= {}), 'volumeMode', 'Filesystem')
      },
      prepareForCreate(claim, context) {
        claim['status'] = { phase: 'Pending' }
        // The admission plugin DefaultStorageClass.
        if (claim['spec'].storageClassName === undefined && !claim.metadata.annotations?.[CLASS_ANNOTATION]) {
          const general = defaultStorageClass(context.list('storageclasses.storage.k8s.io'))
          if (general !== undefined) claim['spec'].storageClassName = general.metadata.name
        }
        // The admission plugin StorageObjectInUseProtection.
        claim.metadata.finalizers ??= ['kubernetes.io/pvc-protection']
      },
      validate: ({ spec }) => validateClaim(spec ?? {}),
      refuse: (claim, old, context) => beyondLimits(claim, context) ?? (old === null ? null : beyondGrowth(claim, old, context)),
      validateUpdate: ({ spec }, old) => [...validateClaim(spec ?? {}), ...checkClaimChange(spec ?? {}, old)],
    },
  })
}
