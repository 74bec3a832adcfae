/** The paths of an OpenAPI document: what kubectl reads of them is which kind a path serves and which parameters its verbs take. */
import type { ResourceDefinition } from '../definition.ts'

const QUERY_PARAMETERS: Record<string, string[]> = {
  create: ['dryRun', 'fieldManager', 'fieldValidation'],
  update: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
  delete: ['dryRun', 'gracePeriodSeconds', 'orphanDependents', 'propagationPolicy'],
  list: [
    'allowWatchBookmarks',
    'continue',
    'fieldSelector',
    'labelSelector',
    'limit',
    'resourceVersion',
    'resourceVersionMatch',
    'sendInitialEvents',
    'timeoutSeconds',
    'watch',
  ],
  get: [],
}

const TYPES: Record<string, string> = {
  allowWatchBookmarks: 'boolean',
  force: 'boolean',
  gracePeriodSeconds: 'integer',
  limit: 'integer',
  orphanDependents: 'boolean',
  sendInitialEvents: 'boolean',
  timeoutSeconds: 'integer',
  watch: 'boolean',
}

const METHODS: Record<string, string> = { create: 'post', delete: 'delete', get: 'get', list: 'get', patch: 'patch', update: 'put' }
const ACTIONS: Record<string, string> = { create: 'post', delete: 'delete', get: 'get', list: 'list', patch: 'patch', update: 'put' }

const PATCH_TYPES = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/** Paths of all resources of a group version; `component` names a kind's schema. */
export function openApiPaths(
  group: string,
  version: string,
  resources: readonly { definition: ResourceDefinition }[],
  component: (kind: string) => string,
): Record<string, object> {
  const paths: Record<string, object> = {}
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  for (const { definition } of resources) {
    const root = definition.namespaced ? `${base}/namespaces/{namespace}/${definition.plural}` : `${base}/${definition.plural}`
    const operation = (verb: string): [string, object] => [
      METHODS[verb] as string,
      operationOf(verb, group, version, definition, component),
    ]
    const on = (verbs: string[]): object =>
      Object.fromEntries(verbs.filter((verb) => definition.verbs.includes(verb)).map((verb) => operation(verb)))
    paths[root] = { ...on(['list', 'create']), parameters: pathParameters(definition, false) }
    paths[`${root}/{name}`] = { ...on(['get', 'update', 'delete', 'patch']), parameters: pathParameters(definition, true) }
  }
  return paths
}

function pathParameters(definition: ResourceDefinition, named: boolean): object[] {
  const names = [...(named ? ['name'] : []), ...(definition.namespaced ? ['namespace'] : [])]
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }))
}

function operationOf(
  verb: string,
  group: string,
  version: string,
  definition: ResourceDefinition,
  component: (kind: string) => string,
): object {
  const { kind } = definition
  const schema = { $ref: `#/components/schemas/${component(kind)}` }
  // a kind without types of Go's takes no strategic merge: by this kubectl chooses what it sends
  const isCustom = (definition as { custom?: boolean }).custom === true
  const patchTypes = isCustom ? PATCH_TYPES.filter((type) => !type.includes('strategic')) : PATCH_TYPES
  const bodyTypes = verb === 'patch' ? patchTypes : ['*/*']
  const body = verb === 'patch' ? { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' } : schema
  return {
    parameters: QUERY_PARAMETERS[verb]?.map((name) => ({
      name,
      in: 'query',
      schema: { type: TYPES[name] ?? 'string', uniqueItems: true },
    })),
    ...(['create', 'update', 'patch'].includes(verb)
      ? { requestBody: { content: Object.fromEntries(bodyTypes.map((type) => [type, { schema: body }])), required: true } }
      : {}),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
    'x-kubernetes-action': ACTIONS[verb],
    'x-kubernetes-group-version-kind': { group, version, kind },
  }
}
