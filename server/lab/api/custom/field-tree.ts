/** Ownership of a custom resource's fields, from its structural schema. */
import { DEDUCED, LEAF, type FieldNode } from '../../store/field-tree.ts'
import { isObject } from '../../store/objects.ts'
import { fieldTreeOf } from '../../store/field-tree.ts'
import { propertyOf, type JsonSchema } from './schema.ts'

function node(schema: JsonSchema | undefined): FieldNode {
  if (!schema) return DEDUCED
  if (schema['x-kubernetes-map-type'] === 'atomic') return LEAF
  if (schema.type === 'array') return listNode(schema)
  if (schema.type !== 'object') return schema['x-kubernetes-preserve-unknown-fields'] ? DEDUCED : LEAF
  if (schema.properties) {
    const children = new Map<string, FieldNode>()
    return {
      kind: 'struct',
      child(name) {
        const property = propertyOf(schema, name)
        if (!property) return schema['x-kubernetes-preserve-unknown-fields'] ? DEDUCED : undefined
        let child = children.get(name)
        if (!child) children.set(name, (child = node(property)))
        return child
      },
    }
  }
  return isObject(schema.additionalProperties) ? { kind: 'map', item: node(schema.additionalProperties as JsonSchema) } : DEDUCED
}

function listNode(schema: JsonSchema): FieldNode {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { kind: 'set' }
    case 'map': {
      const keys = schema['x-kubernetes-list-map-keys'] ?? []
      const defaults: Record<string, unknown> = {}
      for (const key of keys) {
        const value = schema.items?.properties?.[key]?.default
        if (value !== undefined) defaults[key] = value
      }
      return { kind: 'keyed', keys, defaults, item: node(schema.items) }
    }
    default:
      return LEAF
  }
}

/** The tree of a custom resource; its metadata is every object's. */
export function customFieldTree(schema: JsonSchema | undefined): FieldNode {
  const own = node(schema)
  return {
    kind: 'struct',
    child: (name) => (name === 'metadata' ? metadataNode() : own.kind === 'struct' ? own.child(name) : undefined),
  }
}

function metadataNode(): FieldNode {
  // Any kind will do: they all have the same metadata.
  const configMap = fieldTreeOf({ group: '', version: 'v1', kind: 'ConfigMap' } as never)
  return (configMap.kind === 'struct' && configMap.child('metadata')) || DEDUCED
}
