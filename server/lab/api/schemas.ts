/** Schemas of kinds, for what the server does by them: strategic merge, server-side apply. */
import { schemaOf, structOf, type FieldShape, type TypeShape } from '../resources/schema/index.ts'
import type { PatchField, PatchSchema } from './patch/strategic.ts'

export interface KindSchema {
  /** Name of the kind's type, or null where it has no schema of Go's. */
  root: string | null
  patchField: PatchSchema
}

/** The struct within a type: that of a list's items or a map's members. */
function structName(type: TypeShape): string | null {
  if (type.is === 'struct') return type.name
  return type.is === 'list' || type.is === 'map' ? structName(type.of) : null
}

/** Map types have members of any name; `{}core.v1.X` is the name of a map's type here. */
function patchFieldOf(field: FieldShape): PatchField {
  const { type, patchStrategies, mergeKey } = field
  if (type.is === 'map') return { type: `{}${structName(type.of) ?? ''}` }
  return {
    type: structName(type),
    ...(patchStrategies.includes('merge') ? { merge: { key: mergeKey ?? null } } : {}),
    ...(patchStrategies.includes('retainKeys') ? { retainKeys: true } : {}),
  }
}

const patchField: PatchSchema = (type, field) => {
  if (type === null) return undefined
  if (type.startsWith('{}')) return { type: type.slice(2) || null }
  const shape = structOf(type).fields.get(field)
  return shape && patchFieldOf(shape)
}

/** The schema of a kind; an empty one (all lists atomic) for custom resources. */
export function schemaFor(group: string, version: string, kind: string): KindSchema {
  return { root: schemaOf(group, version, kind)?.name ?? null, patchField }
}
