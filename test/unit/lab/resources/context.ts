import type { ClusterSettings, KubeObject, ResourceDefinition, StrategyContext } from '../../../../server/lab/resources/definition.ts'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import { errorsText } from '../../../../server/lab/resources/kit/field-errors.ts'

export const settings = (version = 'v1.35.4'): ClusterSettings => ({
  version,
  serviceCidr: '10.96.0.0/12',
  nodePortRange: { from: 30_000, to: 32_767 },
  podCidr: '172.16.0.0/16',
})

export const NOW = Date.UTC(2026, 10, 24, 7, 34, 0)

/** A cluster with these services and every service account but `nope`. */
export function contextOf(services: KubeObject[] = [], change: Partial<StrategyContext> = {}): StrategyContext {
  let drawn = 0
  return {
    now: NOW,
    list: (resource) => (resource === 'services' ? services : []),
    get: (resource, namespace, name) => {
      if (resource !== 'serviceaccounts' || name === 'nope') return undefined
      return {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace: namespace ?? '', uid: '', resourceVersion: '', creationTimestamp: '' },
      }
    },
    settings: settings(),
    random: () => (drawn = (drawn + 0.37) % 1),
    ...change,
  }
}

const definitions = builtinResources(settings())

export function definitionOf(apiVersion: string, kind: string, among = definitions): ResourceDefinition {
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : ''
  const found = among.find((each) => each.group === group && each.kind === kind)
  if (found === undefined) throw new Error(`no kind ${kind} in group "${group}"`)
  return found
}

type Outcome = { stored: KubeObject } | { refusal: string }

function refusalOf(
  definition: ResourceDefinition,
  object: KubeObject,
  errors: ReturnType<NonNullable<ResourceDefinition['strategy']['validate']>>,
): string {
  const kind = definition.group === '' ? definition.kind : `${definition.kind}.${definition.group}`
  return `${kind} "${object.metadata.name ?? ''}" is invalid: ${errorsText(errors)}`
}

/** What the store does on create, up to storing. */
export function create(sent: object, context = contextOf()): Outcome {
  const object = structuredClone(sent) as KubeObject
  const definition = definitionOf(object.apiVersion, object.kind)
  const { strategy } = definition
  object.metadata ??= {} as KubeObject['metadata']
  if (definition.namespaced) object.metadata.namespace = 'default'
  object.metadata.uid = '00000000-0000-0000-0000-000000000000'
  object.metadata.creationTimestamp = new Date(context.now).toISOString().replace('.000', '')
  strategy.setDefaults?.(object, context)
  strategy.prepareForCreate?.(object, context)
  const reason = strategy.forbid?.(object, null, context) ?? null
  if (reason !== null) return { refusal: `${definition.plural} "${object.metadata.name}" is forbidden: ${reason}` }
  const errors = strategy.validate?.(object, context) ?? []
  return errors.length > 0 ? { refusal: refusalOf(definition, object, errors) } : { stored: object }
}

/** What the store does on update, up to storing. */
export function update(old: KubeObject, sent: object, context = contextOf()): Outcome {
  const object = structuredClone(sent) as KubeObject
  const definition = definitionOf(object.apiVersion, object.kind)
  const { strategy } = definition
  strategy.setDefaults?.(object, context)
  strategy.prepareForUpdate?.(object, old, context)
  const errors = strategy.validateUpdate?.(object, old, context) ?? []
  return errors.length > 0 ? { refusal: refusalOf(definition, object, errors) } : { stored: object }
}
