import type { ClusterSettings, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { ALL_VERBS, defineResource } from '../define.ts'
import { checkRule } from '../kit/checks.ts'
import { invalid } from '../kit/field-errors.ts'
import { dnsLabel, qualifiedName } from '../kit/names.ts'
import { minorVersion } from '../kit/version.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'
const UNDELETABLE = ['default', 'kube-system', 'kube-public']

export function namespaces(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'Namespace',
    shortNames: ['ns'],
    namespaced: false,
    verbs: ALL_VERBS.filter((verb) => verb !== 'deletecollection'),
    subresources: ['finalize', 'status'],
    name: dnsLabel,
    columns: [column('Status', ({ status }) => status?.phase ?? '')],
    strategy: {
      setDefaults(namespace) {
        namespace['spec'] ??= {}
        // The label that selectors by name rely on, from 1.21 on (NamespaceDefaultLabelName).
        if (minorVersion(settings) < 21 || !namespace.metadata.name) return
        namespace.metadata.labels = { ...namespace.metadata.labels, [NAME_LABEL]: namespace.metadata.name }
      },
      prepareForCreate(namespace) {
        namespace['status'] = { phase: 'Active' }
        const finalizers: string[] = namespace['spec'].finalizers ?? []
        if (!finalizers.includes('kubernetes')) namespace['spec'].finalizers = [...finalizers, 'kubernetes']
      },
      validate: ({ spec }) =>
        (spec?.finalizers ?? []).flatMap((name: string) => {
          const errors = checkRule(qualifiedName, name, 'spec.finalizers')
          const known = name.includes('/') || ['kubernetes', 'orphan', 'foregroundDeletion'].includes(name)
          return known
            ? errors
            : [...errors, invalid('spec.finalizers', name, 'name is neither a standard finalizer name nor is it fully qualified')]
        }),
      validateUpdate: () => [],
      prepareForUpdate(namespace, old) {
        // Only the finalize subresource takes finalizers away.
        if (old['spec']?.finalizers) namespace['spec'].finalizers = old['spec'].finalizers
        else delete namespace['spec'].finalizers
      },
      forbidDelete: ({ metadata }) => (UNDELETABLE.includes(metadata.name) ? 'this namespace may not be deleted' : null),
    },
    selectableFields: ({ metadata, status }) => ({ name: metadata.name, 'status.phase': status?.phase ?? '' }),
  })
}
