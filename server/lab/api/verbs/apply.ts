/** Server-side apply, as structured-merge-diff's merge/update.go and apimachinery's util/managedfields. */
import type { KubeObject, ResourceDefinition } from '../../resources/definition.ts'
import { decodeObject, schemaOf } from '../../resources/schema/index.ts'
import { ApiError, badRequest, conflict } from '../../store/api-error.ts'
import { changedFields, difference, existing, fieldsOf, isEmptySet, pathsOf, union, type FieldSet } from '../../store/field-set.ts'
import { fieldTreeOf, type FieldNode } from '../../store/field-tree.ts'
import { entriesOf, ownable, sameManager, sortEntries, type ManagedEntry } from '../../store/managed-fields.ts'
import { copy, equal, isObject } from '../../store/objects.ts'
import { timestamp } from '../../store/rules.ts'
import { noteRequester } from '../access/requester.ts'
import { admit } from '../admit.ts'
import { sendJson, type Exchange } from '../exchange.ts'
import { applyMerge, removeFields } from '../patch/apply-merge.ts'
import { isCustom } from '../custom/definition.ts'
import { typedProblems } from '../patch/typed.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import type { WriteOptions } from '../write-options.ts'
import { checkKind, checkObjectNamespace } from './create.ts'
import { objectText } from './read.ts'
import { storeSubresource, storeUpdate } from './update.ts'

const KUBECTL = 'kubectl'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

export async function applyObject(exchange: Exchange, target: Target, body: Record<string, unknown>, options: WriteOptions): Promise<void> {
  const { lab, query } = exchange
  if (!query.get('fieldManager')) {
    throw new ApiError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [{ reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' }],
      },
    )
  }
  const { apiVersion = '', kind = '' } = body as { apiVersion?: string; kind?: string }
  if (!apiVersion || !kind) throw badRequest(`invalid object type: ${apiVersion || '/'}, Kind=${kind}`)
  const applied = checkKind(exchange, target, body)
  checkObjectNamespace(target, applied)
  const name = target.name as string
  if ((applied.metadata.name ?? name) !== name) {
    throw badRequest(`the name of the object (${applied.metadata.name}) does not match the name on the URL (${name})`)
  }
  applied.metadata.name = name
  if (applied.metadata.managedFields !== undefined) throw badRequest('metadata.managedFields must be nil')
  checkTyped(target, applied)
  const live = lab.store.get(target.resource, target.namespace, name)
  const { uid, resourceVersion } = applied.metadata
  if (live && ((uid && uid !== live.metadata.uid) || (resourceVersion && resourceVersion !== live.metadata.resourceVersion))) {
    throw conflict(target.definition, name)
  }
  const times = clientTime(exchange)
  if (!live) return createApplied(exchange, target, times.take(applied, target.definition, null), options)
  const served = asServed(target, live)
  const told = options.dryRun ? times.toldShift(served) : undefined
  const taken = times.take(applied, target.definition, served)
  const { object, entries } = merged(target, live, target.toStored(taken), options, lab.clock.now())
  sendJson(exchange, 200, objectText(exchange, target, storeUpdate(exchange, target, object, live, options, entries), told))
}

/**
 * Throws what the server's field manager says of an object that does not fit its kind: an error without a reason. A real server has no code for it either
 * and answers 500; here a client's mistake is a 400.
 */
function checkTyped({ definition, apiVersion }: Target, applied: KubeObject): void {
  const { group, version, kind } = definition
  const type = `${group}/${version}, Kind=${kind}`
  const which = `${applied.metadata.namespace ?? ''}/${applied.metadata.name}; ${group === '' ? type : `${apiVersion}, Kind=${kind}`}`
  const problems = typedProblems(applied, definition)
  if (problems.length > 0) {
    const words = problems.length === 1 ? problems[0] : ['errors:', ...problems.map((each) => `  ${each}`)].join('\n')
    throw new ApiError(400, '', `failed to create typed patch object (${which}): ${words}`)
  }
  const shape = isCustom(definition) ? undefined : schemaOf(group, version, kind)
  const error = shape ? decodeObject(applied, shape, 'patch').error : null
  if (error === null) return
  throw new ApiError(
    400,
    '',
    `failed to convert new object (${which}) to proper version: unable to convert unstructured object to ${type}: ${error}`,
  )
}

function entryFor(target: Target, options: WriteOptions, fieldsV1: FieldSet, now: number): ManagedEntry {
  const subresource = storeSubresource(target)
  return {
    manager: options.fieldManager,
    operation: 'Apply',
    apiVersion: target.apiVersion,
    time: timestamp(now),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  }
}

function appliedFields(definition: ResourceDefinition, applied: KubeObject, tree: FieldNode, target: Target): FieldSet {
  return ownable(fieldsOf(applied, tree), definition, storeSubresource(target))
}

function createApplied(exchange: Exchange, target: Target, applied: KubeObject, options: WriteOptions): void {
  const { lab } = exchange
  const { definition } = target
  if (target.subresource !== null) throw new ApiError(404, 'NotFound', `${definition.plural} "${target.name}" not found`)
  const fields = appliedFields(definition, applied, fieldTreeOf(definition), target)
  noteRequester(exchange, target, applied)
  admit(exchange, target, 'CREATE', applied, null, options.dryRun)
  const created = lab.store.create(target.resource, target.toStored(applied), {
    dryRun: options.dryRun,
    managedFields: [entryFor(target, options, fields, lab.clock.now())],
  })
  exchange.warnings.push(...(definition.strategy.warnings?.(created, null, lab.store.context()) ?? []))
  sendJson(exchange, 201, objectText(exchange, target, created))
}

function merged(
  target: Target,
  live: KubeObject,
  applied: KubeObject,
  options: WriteOptions,
  now: number,
): { object: KubeObject; entries: ManagedEntry[] } {
  const { definition } = target
  const tree = fieldTreeOf(definition)
  const fields = appliedFields(definition, applied, tree, target)
  const mine = entryFor(target, options, fields, now)
  const others = entriesOf(live).filter((entry) => !sameManager(entry, mine))
  const before = entriesOf(live).find((entry) => sameManager(entry, mine))
  const { resourceVersion: _unused, ...appliedMeta } = applied.metadata
  let object = copy(applyMerge(live, { ...applied, metadata: appliedMeta, apiVersion: live.apiVersion }, tree)) as KubeObject
  const changed = ownable(changedFields(live, object, tree), definition, storeSubresource(target))
  const conflicts = others
    .map((entry) => ({ entry, fields: intersection(entry.fieldsV1, changed) }))
    .filter(({ fields: common }) => !isEmptySet(common))
  if (conflicts.length > 0 && options.force !== true) {
    const allowed = options.fieldManager === KUBECTL ? lastAppliedFields(live, tree) : {}
    const left = conflicts
      .map(({ entry, fields: common }) => ({ entry, fields: difference(common, allowed) }))
      .filter(({ fields: common }) => !isEmptySet(common))
    if (left.length > 0) throw applyConflict(left)
  }
  if (before) {
    // Fields that this manager gives up go, unless somebody else has them too.
    const owned = others.reduce((all, { fieldsV1 }) => union(all, fieldsV1), fields)
    object = removeFields(object, before.fieldsV1, owned, tree) as KubeObject
  }
  if (options.fieldManager === KUBECTL && live.metadata.annotations?.[LAST_APPLIED] !== undefined) {
    object.metadata.annotations = { ...object.metadata.annotations, [LAST_APPLIED]: lastAppliedText(applied, target) }
  }
  const kept = others
    .map((entry) => {
      const lost = conflicts.find((each) => each.entry === entry)
      const fieldsV1 = existing(lost ? difference(entry.fieldsV1, lost.fields) : entry.fieldsV1, object, tree)
      return equal(fieldsV1, entry.fieldsV1) ? entry : { ...entry, fieldsV1 }
    })
    .filter((entry) => !isEmptySet(entry.fieldsV1))
  const own = before && equal(before.fieldsV1, fields) && before.apiVersion === mine.apiVersion ? before : mine
  return { object, entries: sortEntries(isEmptySet(fields) ? kept : [...kept, own]) }
}

/** As managedfields' lastappliedupdater.go: an apply by kubectl keeps the annotation of its client-side apply up to date. */
function lastAppliedText(applied: KubeObject, target: Target): string {
  const { [LAST_APPLIED]: _last, ...annotations } = applied.metadata.annotations ?? {}
  const { annotations: _given, managedFields: _managed, ...metadata } = applied.metadata
  const plain = {
    ...applied,
    apiVersion: target.apiVersion,
    metadata: { ...metadata, ...(Object.keys(annotations).length ? { annotations } : {}) },
  }
  return `${JSON.stringify(sortedKeys(plain))}\n`
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sortedKeys(value[key])]),
  )
}

/** What kubectl applied on the client's side before and nobody has changed since: taking that over is no conflict (lastappliedmanager.go). */
function lastAppliedFields(live: KubeObject, tree: FieldNode): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED]
  if (text === undefined) return {}
  let last: unknown
  try {
    last = JSON.parse(text)
  } catch {
    // Somebody wrote something else into the annotation: it allows nothing.
    return {}
  }
  return difference(fieldsOf(last, tree), changedFields(live, last, tree))
}

function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return difference(a, difference(a, b))
}

function managerText({ manager, subresource, operation, apiVersion }: ManagedEntry): string {
  const named = `${JSON.stringify(manager)}${subresource ? ` with subresource ${JSON.stringify(subresource)}` : ''}`
  if (operation === 'Apply') return named
  return `${named} using ${apiVersion}`
}

/** As NewConflictError of apimachinery's managedfields. */
function applyConflict(conflicts: { entry: ManagedEntry; fields: FieldSet }[]): ApiError {
  const rows = conflicts.flatMap(({ entry, fields }) => pathsOf(fields).map((path) => ({ manager: managerText(entry), path })))
  const causes = rows.map(({ manager, path }) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field: path }))
  const [only] = rows
  let message = `Apply failed with 1 conflict: conflict with ${only?.manager}: ${only?.path}`
  if (rows.length > 1) {
    const managers = [...new Set(rows.map(({ manager }) => manager))].toSorted()
    const parts = managers.map((manager) => {
      const paths = rows.filter((row) => row.manager === manager).map(({ path }) => `- ${path}`)
      return `conflicts with ${manager}:\n${paths.join('\n')}`
    })
    message = `Apply failed with ${rows.length} conflicts: ${parts.join('\n')}`
  }
  return new ApiError(409, 'Conflict', message, { causes })
}
