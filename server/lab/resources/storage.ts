import { isDeepStrictEqual } from 'node:util'
import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { checkImmutable } from './kit/checks.ts'
import { column, DEFAULT_COLUMNS, NAME } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { forbidden } from './kit/field-errors.ts'
import { fill } from './kit/fill.ts'
import { minorVersion } from './kit/version.ts'
import {
  validateAttributesClass,
  validateCsiDriver,
  validateCsiNode,
  validateStorageCapacity,
  validateStorageClass,
  validateVolumeAttachment,
} from './storage-validate.ts'

const group = 'storage.k8s.io'
const DEFAULT_CLASS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

const isDefault = ({ metadata }: KubeObject): boolean => DEFAULT_CLASS.some((key) => metadata.annotations?.[key] === 'true')

/** The class that claims get which name none: the youngest of those that are marked so. */
export function defaultStorageClass(classes: readonly KubeObject[]): KubeObject | undefined {
  return classes
    .filter(isDefault)
    .toSorted(
      (a, b) => b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) || a.metadata.name.localeCompare(b.metadata.name),
    )[0]
}

export function storageClasses(): ResourceDefinition {
  return defineResource({
    group,
    kind: 'StorageClass',
    plural: 'storageclasses',
    shortNames: ['sc'],
    namespaced: false,
    columns: [
      column('Provisioner', (object) => object['provisioner'] ?? ''),
      column('ReclaimPolicy', (object) => object['reclaimPolicy'] ?? 'Delete'),
      column('VolumeBindingMode', (object) => object['volumeBindingMode'] ?? 'Immediate'),
      column('AllowVolumeExpansion', (object) => object['allowVolumeExpansion'] ?? false),
    ],
    strategy: {
      setDefaults(object) {
        fill(object, 'reclaimPolicy', 'Delete')
        fill(object, 'volumeBindingMode', 'Immediate')
      },
      validate: validateStorageClass,
      validateUpdate: (object, old) => [
        ...['parameters', 'provisioner', 'reclaimPolicy']
          .filter((key) => !isDeepStrictEqual(object[key], old[key]))
          .map((key) => forbidden(key, `updates to ${key} are forbidden.`)),
        ...checkImmutable(object['volumeBindingMode'], old['volumeBindingMode'], 'volumeBindingMode'),
      ],
    },
    nameCell: (object) => (isDefault(object) ? `${object.metadata.name} (default)` : object.metadata.name),
  })
}

export function csiKinds(settings: ClusterSettings): ResourceDefinition[] {
  const minor = minorVersion(settings)
  const older = minor < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}
  return [
    defineResource({
      group,
      kind: 'CSIDriver',
      namespaced: false,
      columns: [
        column('AttachRequired', ({ spec }) => spec?.attachRequired ?? true, 'boolean'),
        column('PodInfoOnMount', ({ spec }) => spec?.podInfoOnMount ?? false, 'boolean'),
        column('StorageCapacity', ({ spec }) => spec?.storageCapacity ?? false, 'boolean'),
        column('TokenRequests', ({ spec }) =>
          spec?.tokenRequests ? spec.tokenRequests.map((each: { audience: string }) => each.audience).join(',') : '<unset>',
        ),
        column('RequiresRepublish', ({ spec }) => spec?.requiresRepublish ?? false, 'boolean'),
        column('Modes', ({ spec }) => (spec?.volumeLifecycleModes ?? []).join(',') || '<none>'),
      ],
      strategy: {
        validate: validateCsiDriver,
        setDefaults(driver) {
          const spec = (driver['spec'] ??= {})
          fill(spec, 'attachRequired', true)
          fill(spec, 'podInfoOnMount', false)
          fill(spec, 'storageCapacity', false)
          fill(spec, 'fsGroupPolicy', 'ReadWriteOnceWithFSType')
          fill(spec, 'requiresRepublish', false)
          if (minor >= 27) fill(spec, 'seLinuxMount', false)
          if (!spec.volumeLifecycleModes?.length) spec.volumeLifecycleModes = ['Persistent']
        },
      },
      ...older,
    }),
    defineResource({
      group,
      kind: 'CSINode',
      namespaced: false,
      columns: [column('Drivers', ({ spec }) => (spec?.drivers ?? []).length, 'integer')],
      strategy: { validate: validateCsiNode },
      ...older,
    }),
  ]
}

export function storageCapacities(): ResourceDefinition {
  return defineResource({
    group,
    kind: 'CSIStorageCapacity',
    plural: 'csistoragecapacities',
    columns: { all: DEFAULT_COLUMNS },
    strategy: { validate: validateStorageCapacity },
  })
}

export function volumeAttachments(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group,
    kind: 'VolumeAttachment',
    namespaced: false,
    subresources: ['status'],
    columns: [
      { ...NAME, name: 'Attacher', cell: ({ spec }) => spec?.attacher ?? '' },
      column('PV', ({ spec }) => spec?.source?.persistentVolumeName ?? ''),
      column('Node', ({ spec }) => spec?.nodeName ?? ''),
      column('Attached', ({ status }) => status?.attached ?? false, 'boolean'),
    ],
    strategy: {
      validate: validateVolumeAttachment,
      prepareForCreate(object) {
        object['status'] = { attached: false }
      },
    },
    ...(minorVersion(settings) < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

export function volumeAttributesClasses(): ResourceDefinition {
  return defineResource({
    group,
    kind: 'VolumeAttributesClass',
    plural: 'volumeattributesclasses',
    shortNames: ['vac'],
    namespaced: false,
    columns: [column('DriverName', (object) => object['driverName'] ?? '')],
    strategy: { validate: validateAttributesClass },
  })
}
