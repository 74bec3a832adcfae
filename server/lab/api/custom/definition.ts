/** A CustomResourceDefinition as a resource that the store and the API serve. */
import type { Column, FieldError, KubeObject, ResourceDefinition } from '../../resources/definition.ts'
import { AGE, describeColumns, NAME } from '../../resources/kit/columns.ts'
import { since } from '../../resources/kit/duration.ts'
import { validateMetadata, validateMetadataUpdate } from '../../resources/kit/metadata.ts'
import { dnsSubdomain } from '../../resources/kit/names.ts'
import { resourceName } from '../../resources/definition.ts'
import type { ScalePaths } from '../../machinery/scale.ts'
import type { FieldNode } from '../../store/field-tree.ts'
import { customFieldTree } from './field-tree.ts'
import { compareVersions } from '../versions.ts'
import { jsonPath } from './json-path.ts'
import { applyDefaults, prune } from './prune.ts'
import { ruleProblems } from './rules.ts'
import type { JsonSchema } from './schema.ts'
import { arrangeByLetters } from '../../resources/schema/index.ts'
import { validateBySchema } from './validate.ts'

export interface CustomVersion {
  version: string
  columns: Column[]
  customSchema?: JsonSchema
  deprecation?: string
}

export interface CustomDefinition extends ResourceDefinition {
  custom: true
  customSchema?: JsonSchema
  /** What whoever uses this version is warned by. */
  deprecation?: string
  scale?: ScalePaths
  alsoServedAs?: CustomVersion[]
}

export function isCustom(definition: ResourceDefinition): definition is CustomDefinition {
  return (definition as { custom?: boolean }).custom === true
}

interface PrinterColumn {
  name: string
  type: string
  format?: string
  description?: string
  priority?: number
  jsonPath?: string
  /** As apiextensions.k8s.io/v1beta1 names it. */
  JSONPath?: string
}

interface VersionSpec {
  name: string
  served: boolean
  storage: boolean
  deprecated?: boolean
  deprecationWarning?: string
  schema?: { openAPIV3Schema?: JsonSchema }
  additionalPrinterColumns?: PrinterColumn[]
  selectableFields?: { jsonPath: string }[]
  subresources?: { status?: object; scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } }
}

/** What a cell shows of a value (cellForJSONValue of apiextensions' tableconvertor.go). */
function cellOf(type: string, value: unknown, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : since(value, now)
    default:
      return typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
}

function columnsOf(resource: string, printed: PrinterColumn[] | undefined): Column[] {
  if (!printed?.length) return describeColumns(resource, [NAME, AGE])
  return [
    ...describeColumns(resource, [NAME]),
    ...printed.map(({ name, type, format, description, priority, jsonPath: path, JSONPath }): Column => {
      const read = jsonPath(path ?? JSONPath ?? '')
      return {
        name,
        type: type as Column['type'],
        ...(format ? { format } : {}),
        description: description ?? `Custom resource definition column (in JSONPath format): ${path ?? JSONPath ?? ''}`,
        priority: priority ?? 0,
        cell: (object, { now }) => cellOf(type, read(object), now),
      }
    }),
  ]
}

/** In the order in which apiextensions names them. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** `.spec.replicas` as the keys on the way. */
function keysOf(path: string): string[] {
  return path.split('.').filter((key) => key !== '')
}

/** Names, versions and schemas of a CustomResourceDefinition as a resource; null where it serves no version. */
export function customDefinition(crd: KubeObject): CustomDefinition | null {
  const { group, scope, names } = crd.spec
  const versions = versionsOf(crd).filter(({ served }) => served)
  const main = versions.find(({ storage }) => storage) ?? versions[0]
  if (!main) return null
  const resource = resourceName({ group, plural: names.plural })
  const { subresources } = main
  const served: CustomVersion[] = versions.map((each) => ({
    version: each.name,
    columns: columnsOf(resource, each.additionalPrinterColumns),
    ...(each.deprecated ? { deprecation: each.deprecationWarning ?? deprecationOf(crd, each.name) } : {}),
    ...(each.schema?.openAPIV3Schema ? { customSchema: each.schema.openAPIV3Schema } : {}),
  }))
  const { customSchema, columns, deprecation } = served.find(({ version }) => version === main.name) as CustomVersion
  const scale = subresources?.scale
  let tree: FieldNode | undefined
  return {
    custom: true,
    ...(customSchema ? { customSchema } : {}),
    ...(deprecation ? { deprecation } : {}),
    ...(scale
      ? {
          scale: {
            specReplicas: keysOf(scale.specReplicasPath),
            statusReplicas: keysOf(scale.statusReplicasPath),
            ...(scale.labelSelectorPath ? { selector: keysOf(scale.labelSelectorPath) } : {}),
          },
        }
      : {}),
    group,
    version: main.name,
    kind: names.kind,
    plural: names.plural,
    singular: names.singular ?? String(names.kind).toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    verbs: VERBS,
    subresources: [...(subresources?.status ? ['status'] : []), ...(subresources?.scale ? ['scale'] : [])],
    hasGeneration: true,
    columns,
    strategy: strategyOf(customSchema, scope === 'Namespaced', subresources?.status !== undefined, scale),
    selectableFields: selectableOf(main.selectableFields),
    fieldTree: () => (tree ??= customFieldTree(customSchema)),
    alsoServedAs: served.filter(({ version }) => version !== main.name),
  }
}

/** The general warning, with the newest version that is not deprecated, where that is a newer one (defaultDeprecationWarning). */
function deprecationOf(crd: KubeObject, version: string): string {
  const { group, names } = crd.spec
  const better = versionsOf(crd)
    .filter(({ served, deprecated }) => served && !deprecated)
    .map(({ name }) => name)
    .toSorted(compareVersions)[0]
  const newer = better !== undefined && compareVersions(better, version) < 0 ? `; use ${group}/${better} ${names.kind}` : ''
  return `${group}/${version} ${names.kind} is deprecated${newer}`
}

/** What field selectors may name of a custom resource: the paths that its definition lists. */
function selectableOf(paths: { jsonPath: string }[] | undefined): ResourceDefinition['selectableFields'] {
  const fields = (paths ?? []).map(({ jsonPath: path }) => ({ name: path.replace(/^\./, ''), read: jsonPath(path) }))
  return (object) => Object.fromEntries(fields.map(({ name, read }) => [name, String(read(object) ?? '')]))
}

/** The versions of a definition; one of v1beta1 has a schema, columns and subresources for all of them together. */
function versionsOf(crd: KubeObject): VersionSpec[] {
  const { versions = [], version, validation, additionalPrinterColumns, subresources } = crd.spec
  const list: VersionSpec[] = versions.length > 0 ? versions : version ? [{ name: version, served: true, storage: true }] : []
  return list.map((each) => ({
    ...(validation ? { schema: validation } : {}),
    ...(additionalPrinterColumns ? { additionalPrinterColumns } : {}),
    ...(subresources ? { subresources } : {}),
    ...each,
  }))
}

type ScaleSpec = NonNullable<NonNullable<VersionSpec['subresources']>['scale']>

/** Replicas that are no number cannot be read as such (customresource's validation of the scale subresource). */
function scaleProblems(object: KubeObject, paths: (string | undefined)[]): FieldError[] {
  return paths.flatMap((path) => {
    const value = path === undefined ? undefined : jsonPath(path)(object)
    if (path === undefined || value === undefined || Number.isInteger(value)) return []
    const type = typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : typeof value
    const printed = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return [{ type: 'Invalid', field: path, value: 0, detail: `${path} accessor error: ${printed} is of the type ${type}, expected int64` }]
  })
}

function strategyOf(
  schema: JsonSchema | undefined,
  namespaced: boolean,
  hasStatus: boolean,
  scale: ScaleSpec | undefined,
): ResourceDefinition['strategy'] {
  const problems = (object: KubeObject, old?: KubeObject): FieldError[] => {
    if (!schema) return []
    const found = validateBySchema(object, schema)
    return [...found, ...scaleProblems(object, [scale?.specReplicasPath]), ...ruleProblems(object, old, schema, found)]
  }
  const statusSchema = schema?.properties?.['status']
  /** Of the status alone, whose fields the messages name from there on. */
  const statusProblems = (object: KubeObject, old: KubeObject): FieldError[] => {
    if (!schema || !statusSchema || object.status === undefined) return []
    const found = validateBySchema(object.status, statusSchema).map((error) => ({ ...error, field: `status.${error.field}` }))
    return [...found, ...scaleProblems(object, [scale?.statusReplicasPath]), ...ruleProblems(object, old, schema, found)]
  }
  return {
    setDefaults(object) {
      if (!schema) return
      prune(object, schema)
      applyDefaults(object, schema)
    },
    prepareForCreate(object) {
      if (hasStatus) delete object.status
    },
    // the server keeps it in Go's maps
    arrange: arrangeByLetters,
    validate: (object) => [...validateMetadata(object.metadata, { namespaced, name: dnsSubdomain }), ...problems(object)],
    validateSubresource: (subresource, object, old) => (subresource === 'status' ? statusProblems(object, old) : []),
    validateUpdate: (object, old) => [...validateMetadataUpdate(object, old), ...problems(object, old)],
  }
}

/** The schema of a version, for its OpenAPI document. */
export function schemaOfVersion(definition: CustomDefinition, version: string): JsonSchema | undefined {
  if (definition.version === version) return definition.customSchema
  return definition.alsoServedAs?.find((each) => each.version === version)?.customSchema
}
