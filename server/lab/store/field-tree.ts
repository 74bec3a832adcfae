/** How a kind's fields are owned: which lists and maps are merged field by field, and which are one value (structured-merge-diff's schema). */
import type { FieldNode, ResourceDefinition } from '../resources/definition.ts'
import { schemaOf, structOf, type FieldShape, type StructShape, type TypeShape } from '../resources/schema/index.ts'

export type { FieldNode }

export const LEAF: FieldNode = { kind: 'leaf' }

/** For what no schema describes: objects are merged, lists are one value. */
export const DEDUCED: FieldNode = { kind: 'struct', child: () => DEDUCED }

const structs = new Map<string, FieldNode>()

function structNode(shape: StructShape): FieldNode {
  if (shape.atomic) return LEAF
  let node = structs.get(shape.name)
  if (!node) {
    const children = new Map<string, FieldNode>()
    node = {
      kind: 'struct',
      child(name) {
        const field = shape.fields.get(name)
        if (!field) return undefined
        let child = children.get(name)
        if (!child) children.set(name, (child = fieldNode(field)))
        return child
      },
    }
    structs.set(shape.name, node)
  }
  return node
}

function typeNode(type: TypeShape): FieldNode {
  switch (type.is) {
    case 'struct':
      return structNode(structOf(type.name))
    case 'map':
      return { kind: 'map', item: typeNode(type.of) }
    default:
      return LEAF
  }
}

function fieldNode({ type, listType, listKeys }: FieldShape): FieldNode {
  if (listType === 'atomic') return LEAF
  if (type.is !== 'list') return typeNode(type)
  if (listType === 'set') return { kind: 'set' }
  if (listType !== 'map' || type.of.is !== 'struct') return LEAF
  const shape = structOf(type.of.name)
  const defaults: Record<string, unknown> = {}
  for (const key of listKeys ?? []) {
    const text = shape.fields.get(key)?.documentDefault
    if (text !== undefined) defaults[key] = JSON.parse(text)
  }
  return { kind: 'keyed', keys: listKeys ?? [], defaults, item: structNode(shape) }
}

/** The tree of a kind. Custom resources bring their own. */
export function fieldTreeOf(definition: ResourceDefinition): FieldNode {
  if (definition.fieldTree) return definition.fieldTree()
  const shape = schemaOf(definition.group, definition.version, definition.kind)
  return shape ? structNode(shape) : DEDUCED
}
