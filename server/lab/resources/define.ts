import type { KubeObject, ResourceDefinition, ServedVersion, Strategy } from './definition.ts'
import { resourceName } from './definition.ts'
import { AGE, DEFAULT_COLUMNS, describeColumns, NAME, type ColumnSpec } from './kit/columns.ts'
import { given } from './kit/fill.ts'
import { validateMetadata, validateMetadataUpdate } from './kit/metadata.ts'
import { dnsSubdomain, type NameRule } from './kit/names.ts'
import { arrange, normalize, schemaOf } from './schema/index.ts'

/** The verbs of a kind that can be read and written in full. */
export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** What a kind says of itself; everything that most kinds have in common is filled in by {@link defineResource}. */
export interface ResourceSpec {
  group?: string
  /** v1 where not named. */
  version?: string
  kind: string
  /** The kind in lower case and an s where not named. */
  plural?: string
  shortNames?: string[]
  categories?: string[]
  /** True where not named. */
  namespaced?: boolean
  verbs?: string[]
  subresources?: string[]
  hasGeneration?: boolean
  countsAnnotations?: boolean
  /** True where a client may give the status on creation. */
  keepsStatusOnCreate?: boolean
  /** Between Name and Age; `all` gives every column. */
  columns?: ColumnSpec[] | { all: ColumnSpec[] }
  /** What the first column says where it is more than the name. */
  nameCell?(object: KubeObject): string
  /** Rule for names: a DNS subdomain where not named. */
  name?: NameRule
  strategy?: Strategy
  selectableFields?(object: KubeObject): Record<string, string>
  alsoServedAs?: ServedVersion[]
  keptAs?: ResourceDefinition['keptAs']
}

/** Makes a definition: verbs, columns with their descriptions, and a strategy that also checks metadata. */
export function defineResource(spec: ResourceSpec): ResourceDefinition {
  const singular = spec.kind.toLowerCase()
  const plural = spec.plural ?? `${singular}s`
  const group = spec.group ?? ''
  const version = spec.version ?? 'v1'
  const namespaced = spec.namespaced ?? true
  const strategy = spec.strategy ?? {}
  const { validateSubresource } = strategy
  const subresources = spec.subresources ?? []
  return {
    group,
    version,
    kind: spec.kind,
    plural,
    singular,
    shortNames: spec.shortNames ?? [],
    categories: spec.categories ?? [],
    namespaced,
    verbs: spec.verbs ?? ALL_VERBS,
    subresources,
    hasGeneration: spec.hasGeneration ?? false,
    ...(spec.countsAnnotations ? { countsAnnotations: true } : {}),
    columns: describeColumns(resourceName({ group, plural }), allColumns(spec)),
    strategy: {
      ...strategy,
      setDefaults(object, context) {
        const shape = schemaOf(group, version, spec.kind)
        if (shape !== undefined) normalize(object, shape)
        strategy.setDefaults?.(object, context)
      },
      arrange(object) {
        const shape = schemaOf(group, version, spec.kind)
        if (shape !== undefined) arrange(object, shape)
      },
      prepareForCreate(object, context) {
        if (subresources.includes('status') && !(spec.keepsStatusOnCreate && object['status'])) object['status'] = {}
        strategy.prepareForCreate?.(object, context)
      },
      prepareForUpdate(object, old, context) {
        if (subresources.includes('status')) {
          if (old['status'] === undefined) delete object['status']
          else object['status'] = old['status']
        }
        strategy.prepareForUpdate?.(object, old, context)
      },
      validate(object, context) {
        const errors = validateMetadata(object.metadata, { namespaced, name: spec.name ?? dnsSubdomain })
        return [...errors, ...(strategy.validate?.(given(object), context) ?? [])]
      },
      validateUpdate(object, old, context) {
        const own = strategy.validateUpdate
          ? strategy.validateUpdate(given(object), given(old), context)
          : strategy.validate?.(given(object), context)
        return [...validateMetadataUpdate(object, old), ...(own ?? [])]
      },
      ...(validateSubresource
        ? {
            validateSubresource: (subresource, object, old, context) =>
              validateSubresource(subresource, given(object), given(old), context),
          }
        : {}),
    },
    selectableFields: spec.selectableFields ?? (() => ({})),
    ...(spec.alsoServedAs ? { alsoServedAs: spec.alsoServedAs } : {}),
    ...(spec.keptAs ? { keptAs: spec.keptAs } : {}),
  }
}

function allColumns({ columns, nameCell }: ResourceSpec): ColumnSpec[] {
  if (columns === undefined) return DEFAULT_COLUMNS
  if (!Array.isArray(columns)) return columns.all
  const name = nameCell === undefined ? NAME : { ...NAME, cell: nameCell }
  // Wide columns stand behind Age in every printer of Kubernetes.
  return [name, ...columns.filter((each) => each.priority === 0), AGE, ...columns.filter((each) => each.priority !== 0)]
}
