/** metadata.managedFields: who set which fields last (apimachinery's util/managedfields). */
import type { KubeObject, ResourceDefinition } from '../resources/definition.ts'
import { decodeObject, schemaOf } from '../resources/schema/index.ts'
import { changedFields, difference, existing, isEmptySet, union, type FieldSet } from './field-set.ts'
import { fieldTreeOf } from './field-tree.ts'
import { copy, equal } from './objects.ts'
import { timestamp } from './rules.ts'
import type { UpdateOptions } from './store.ts'

export interface ManagedEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType: 'FieldsV1'
  fieldsV1: FieldSet
  subresource?: string
}

/** Fields of metadata that the server keeps: nobody owns them. */
const UNOWNED: FieldSet = {
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    'f:creationTimestamp': {},
    'f:deletionGracePeriodSeconds': {},
    'f:deletionTimestamp': {},
    'f:generation': {},
    'f:managedFields': {},
    'f:name': {},
    'f:namespace': {},
    'f:resourceVersion': {},
    'f:selfLink': {},
    'f:uid': {},
  },
}

/** What a write of the main resource, or of its status, cannot set and so never owns (GetResetFields of the strategies). */
function unset(definition: ResourceDefinition, subresource: string | undefined): FieldSet {
  if (subresource === 'status') return { 'f:spec': {} }
  return definition.subresources.includes('status') ? { 'f:status': {} } : {}
}

/** A set without the fields that belong to nobody. */
export function ownable(set: FieldSet, definition: ResourceDefinition, subresource: string | undefined): FieldSet {
  const kept = difference(set, UNOWNED)
  if (kept['f:metadata'] && isEmptySet(kept['f:metadata'])) delete kept['f:metadata']
  // A whole subtree goes with its root, whatever is in it.
  for (const name of Object.keys(unset(definition, subresource))) delete kept[name]
  return kept
}

export function entriesOf(object: KubeObject | null): ManagedEntry[] {
  return (object?.metadata.managedFields ?? []) as ManagedEntry[]
}

/** As a client may send them: what names no fields has none (decodeVersionedSet). */
function sentEntries(object: KubeObject): ManagedEntry[] {
  const entries = entriesOf(object).filter((entry) => entry.manager !== undefined)
  return entries.map((entry) => (entry.fieldsV1 === undefined ? { ...entry, fieldsV1: {} } : entry))
}

export function sameManager(a: ManagedEntry, b: ManagedEntry): boolean {
  if (a.manager !== b.manager || a.operation !== b.operation || (a.subresource ?? '') !== (b.subresource ?? '')) return false
  return a.operation === 'Apply' || a.apiVersion === b.apiVersion
}

/** Applies come first, then by time, then by name (sortEncodedManagedFields). */
export function sortEntries(entries: ManagedEntry[]): ManagedEntry[] {
  return entries.toSorted((a, b) => {
    if (a.operation !== b.operation) return a.operation < b.operation ? -1 : 1
    if ((a.time ?? '') !== (b.time ?? '')) return (a.time ?? '') < (b.time ?? '') ? -1 : 1
    return a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0
  })
}

/** What an object of a kind has before anything is set: the structs that Go always writes. A field that is new within these has no `.` for them. */
function blank(definition: ResourceDefinition): object {
  const shape = schemaOf(definition.group, definition.version, definition.kind)
  return shape ? { ...decodeObject({}, shape).object, metadata: {} } : { metadata: {} }
}

const blanks = new Map<string, object>()

function blankOf(definition: ResourceDefinition): object {
  const key = `${definition.group}/${definition.version}/${definition.kind}`
  let object = blanks.get(key)
  if (!object) blanks.set(key, (object = blank(definition)))
  return object
}

/** Sets the object's managedFields for a write, in place. `old` is null on create. */
export function updateManagedFields(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject | null,
  write: UpdateOptions,
  now: number,
): void {
  const { metadata } = object
  if (write.managedFields) metadata.managedFields = write.managedFields
  else if (!write.fieldManager) {
    if (old?.metadata.managedFields) metadata.managedFields = old.metadata.managedFields
    else delete metadata.managedFields
  } else {
    const entries = afterUpdate(definition, object, old, write.fieldManager, write.subresource ?? write.managedAs, now)
    if (entries.length > 0) metadata.managedFields = entries
    else delete metadata.managedFields
  }
}

function afterUpdate(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject | null,
  manager: string,
  subresource: string | undefined,
  now: number,
): ManagedEntry[] {
  const tree = fieldTreeOf(definition)
  const changed = ownable(changedFields(old ?? blankOf(definition), object, tree), definition, subresource)
  const mine: ManagedEntry = {
    manager,
    operation: 'Update',
    apiVersion: object.apiVersion,
    time: timestamp(now),
    fieldsType: 'FieldsV1',
    fieldsV1: changed,
    ...(subresource ? { subresource } : {}),
  }
  const entries: ManagedEntry[] = []
  let merged = false
  // A client may send another list of managers, as kubectl does when it goes over to server-side apply; an entry without content clears it.
  const given = object.metadata.managedFields === undefined ? entriesOf(old) : sentEntries(object)
  const known = new Set(entriesOf(old))
  for (const entry of given) {
    // an entry of the stored object says what that one has
    const kept = existing(entry.fieldsV1, object, tree, known.has(entry) ? old : undefined)
    if (sameManager(entry, mine)) {
      merged = true
      const fieldsV1 = isEmptySet(changed) ? kept : union(kept, changed)
      if (!isEmptySet(fieldsV1)) entries.push(equal(fieldsV1, entry.fieldsV1) ? entry : { ...entry, time: mine.time as string, fieldsV1 })
      continue
    }
    const left = isEmptySet(changed) ? kept : difference(kept, changed)
    if (!isEmptySet(left)) entries.push(equal(left, entry.fieldsV1) ? entry : { ...entry, fieldsV1: left })
  }
  if (!merged && !isEmptySet(changed)) entries.push(mine)
  return sortEntries(entries.map((entry) => (known.has(entry) ? entry : copy(entry))))
}
