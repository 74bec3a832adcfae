/** Which objects a list, a watch or a deletecollection is about. */
import type { KubeObject, ResourceDefinition } from '../resources/definition.ts'
import { parseFieldSelector, parseLabelSelector } from './selectors.ts'

export interface ObjectFilter {
  matches(object: KubeObject): boolean
  /** The one name that can match, or null. */
  name: string | null
  isEmpty: boolean
}

const selectable = new WeakMap<ResourceDefinition['selectableFields'], Set<string>>()

/** The names of a resource's selectable fields, found by asking for those of an empty object. */
function selectableNames(definition: ResourceDefinition): Set<string> {
  let names = selectable.get(definition.selectableFields)
  if (!names) {
    const blank = { apiVersion: '', kind: definition.kind, metadata: {}, spec: {}, status: {} } as unknown as KubeObject
    selectable.set(definition.selectableFields, (names = new Set(Object.keys(definition.selectableFields(blank)))))
  }
  return names
}

/** Reads `labelSelector` and `fieldSelector` of a query. Throws BadRequest. */
export function objectFilter(definition: ResourceDefinition, query: URLSearchParams): ObjectFilter {
  const labelSelector = query.get('labelSelector') ?? ''
  const fieldSelector = query.get('fieldSelector') ?? ''
  if (labelSelector === '' && fieldSelector === '') return { matches: () => true, name: null, isEmpty: true }
  const labels = parseLabelSelector(labelSelector)
  const fields = fieldSelector === '' ? null : parseFieldSelector(fieldSelector, definition.kind, selectableNames(definition))
  return {
    isEmpty: false,
    name: fields?.name ?? null,
    matches: (object) => {
      if (!labels(object.metadata.labels ?? {})) return false
      if (!fields) return true
      const { name, namespace = '' } = object.metadata
      return fields.matches({ 'metadata.name': name, 'metadata.namespace': namespace, ...definition.selectableFields(object) })
    },
  }
}
