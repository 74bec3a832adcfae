import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { column, wide, type ColumnSpec } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'
import { fill, fillEmpty } from '../kit/fill.ts'
import { minorVersion } from '../kit/version.ts'

const MODES: Record<string, string> = { ReadWriteOnce: 'RWO', ReadOnlyMany: 'ROX', ReadWriteMany: 'RWX', ReadWriteOncePod: 'RWOP' }
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** `RWO,ROX`, in the order of the table above. */
function accessModes(modes: string[] | undefined): string {
  return Object.keys(MODES)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => MODES[mode])
    .join(',')
}

const storageClass = ({ metadata, spec }: KubeObject): string => metadata.annotations?.[CLASS_ANNOTATION] ?? spec?.storageClassName ?? ''
const phase = ({ metadata, status }: KubeObject): string => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))
const volumeMode: ColumnSpec = wide('VolumeMode', ({ spec }) => spec?.volumeMode ?? '<unset>')
const attributes = (minor: number): ColumnSpec[] =>
  minor >= 29 ? [column('VolumeAttributesClass', ({ spec }) => spec?.volumeAttributesClassName ?? '<unset>')] : []

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
      column('StorageClass', storageClass),
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
      prepareForCreate(volume) {
        volume['status'] = { phase: 'Pending' }
      },
    },
  })
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
      column('StorageClass', storageClass),
      ...attributes(minorVersion(settings)),
      volumeMode,
    ],
    strategy: {
      setDefaults(claim) {
        fill((claim['spec'] ??= {}), 'volumeMode', 'Filesystem')
      },
      prepareForCreate(claim) {
        claim['status'] = { phase: 'Pending' }
        // The admission plugin StorageObjectInUseProtection.
        claim.metadata.finalizers ??= ['kubernetes.io/pvc-protection']
      },
    },
  })
}
