/** Makes a served resource of every CustomResourceDefinition, as apiextensions' naming and establishing controllers do. */
import type { LabContext } from '../context.ts'
import { resourceName, type KubeObject } from '../resources/definition.ts'
import { timestamp } from '../store/rules.ts'
import type { Disposable } from '../store/store.ts'
import { customDefinition } from './custom/definition.ts'

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'

function establish(lab: LabContext, crd: KubeObject): void {
  const { store, clock } = lab
  const conditions: { type: string; status: string }[] = crd.status?.conditions ?? []
  if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return
  const lastTransitionTime = timestamp(clock.now())
  store.mutate(
    CRDS,
    null,
    crd.metadata.name,
    (object) => {
      const { plural, singular, kind, listKind, shortNames, categories } = object.spec.names
      object.status = {
        ...object.status,
        conditions: [
          { lastTransitionTime, message: 'no conflicts found', reason: 'NoConflicts', status: 'True', type: 'NamesAccepted' },
          {
            lastTransitionTime,
            message: 'the initial names have been accepted',
            reason: 'InitialNamesAccepted',
            status: 'True',
            type: 'Established',
          },
        ],
        acceptedNames: {
          plural,
          singular,
          ...(shortNames ? { shortNames } : {}),
          kind,
          listKind,
          ...(categories ? { categories } : {}),
        },
      }
    },
    { subresource: 'status', fieldManager: 'kube-apiserver' },
  )
}

/** Watches the definitions. A custom resource is served from within the write that created its definition. */
export function startCustomResources(lab: LabContext): Disposable {
  const { store } = lab
  return store.watch(CRDS, { initial: true }, ({ type, object }) => {
    if (type === 'DELETED') {
      store.undefine(resourceName({ group: object.spec.group, plural: object.spec.names.plural }))
      return
    }
    const definition = customDefinition(object)
    if (definition) store.define(definition)
    establish(lab, object)
  })
}
