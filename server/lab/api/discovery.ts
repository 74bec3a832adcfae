/** What is served: the plain discovery documents and the aggregated ones (apiserver's endpoints/discovery/aggregated). */
import { createHash } from 'node:crypto'
import type { ResourceDefinition } from '../resources/definition.ts'
import type { Store } from '../store/store.ts'
import type { Exchange } from './exchange.ts'
import { sendJson } from './exchange.ts'
import { parseAccept } from './media-type.ts'
import { subresourceKind } from './subresources.ts'
import { compareVersions } from './versions.ts'
import { pageNotFound } from './target.ts'

/** Order of the groups in /apis, as the aggregator's priorities give it; a group that is not here comes last. */
const GROUP_ORDER = [
  'apiregistration.k8s.io',
  'extensions',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
]

export interface ServedVersion {
  group: string
  version: string
  resources: ResourceDefinition[]
}

/** All group versions that are served now, in the order of discovery. */
export function servedVersions(store: Store): ServedVersion[] {
  const byKey = new Map<string, ServedVersion>()
  const at = (group: string, version: string): ServedVersion => {
    const key = `${group}/${version}`
    let served = byKey.get(key)
    if (!served) byKey.set(key, (served = { group, version, resources: [] }))
    return served
  }
  for (const definition of store.definitions()) {
    at(definition.group, definition.version).resources.push(definition)
    for (const { version } of definition.alsoServedAs ?? []) at(definition.group, version).resources.push({ ...definition, version })
  }
  const order = (group: string): number => {
    const index = GROUP_ORDER.indexOf(group)
    return index < 0 ? GROUP_ORDER.length : index
  }
  return [...byKey.values()].toSorted(
    (a, b) =>
      order(a.group) - order(b.group) || (a.group < b.group ? -1 : a.group > b.group ? 1 : 0) || compareVersions(a.version, b.version),
  )
}

function plainResource(definition: ResourceDefinition): object[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = definition
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length ? { shortNames } : {}),
    ...(categories.length ? { categories } : {}),
    ...storageVersionHash(definition),
  }
  const subresources = definition.subresources.map((name) => {
    const served = subresourceKind(definition, name)
    return {
      name: `${plural}/${name}`,
      singularName: '',
      namespaced,
      ...(served.group === undefined ? {} : { group: served.group, version: served.version }),
      kind: served.kind,
      verbs: served.verbs,
    }
  })
  return [main, ...subresources]
}

/** Kinds that are stored in another version, or group, than they are served in first (kubeapiserver's default storage factory). */
const STORED_AS: Record<string, string> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'events.k8s.io/v1/Event': '/v1/Event',
  'apiextensions.k8s.io/v1/CustomResourceDefinition': 'apiextensions.k8s.io/v1beta1/CustomResourceDefinition',
  'storage.k8s.io/v1/VolumeAttributesClass': 'storage.k8s.io/v1beta1/VolumeAttributesClass',
}

/** Of what is stored, which is what can be watched: the first 8 bytes of the SHA-256 of its kind (discovery.StorageVersionHash). */
function storageVersionHash({ group, version, kind, verbs }: ResourceDefinition): object {
  if (!verbs.includes('watch')) return {}
  const served = `${group}/${version}/${kind}`
  const hash = createHash('sha256').update(STORED_AS[served] ?? served)
  return { storageVersionHash: hash.digest().subarray(0, 8).toString('base64') }
}

function groupVersion({ group, version }: { group: string; version: string }): string {
  return group === '' ? version : `${group}/${version}`
}

function resourceList(served: ServedVersion): object {
  return {
    kind: 'APIResourceList',
    // the core group's list is the one that does not say its own version
    ...(served.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: groupVersion(served),
    resources: served.resources.flatMap(plainResource),
  }
}

function groupJson(versions: ServedVersion[]): object {
  const list = versions.map((served) => ({ groupVersion: groupVersion(served), version: served.version }))
  return { name: (versions[0] as ServedVersion).group, versions: list, preferredVersion: list[0] }
}

function byGroup(store: Store): ServedVersion[][] {
  const groups = new Map<string, ServedVersion[]>()
  for (const served of servedVersions(store)) {
    const versions = groups.get(served.group)
    if (versions) versions.push(served)
    else groups.set(served.group, [served])
  }
  return [...groups.values()]
}

function aggregatedResource(definition: ResourceDefinition): object {
  const { group, version, kind, plural, singular, namespaced, verbs, shortNames, categories } = definition
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length ? { shortNames } : {}),
    ...(categories.length ? { categories } : {}),
    ...(definition.subresources.length
      ? {
          subresources: definition.subresources.map((name) => {
            const served = subresourceKind(definition, name)
            return {
              subresource: name,
              responseKind: { group: served.group ?? group, version: served.version ?? version, kind: served.kind },
              verbs: served.verbs,
            }
          }),
        }
      : {}),
  }
}

function aggregatedVersion({ version, resources }: ServedVersion): object {
  const sorted = resources.toSorted((a, b) => (a.plural < b.plural ? -1 : 1))
  return { version, resources: sorted.map(aggregatedResource), freshness: 'Current' }
}

function aggregated(form: 'v2' | 'v2beta1', groups: ServedVersion[][]): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${form}`,
    metadata: {},
    items: groups.map((versions) => ({
      metadata: (versions[0] as ServedVersion).group === '' ? {} : { name: (versions[0] as ServedVersion).group },
      versions: versions.map(aggregatedVersion),
    })),
  }
}

/** The aggregated form that the client offers first, where this version of Kubernetes has it (on by default from 1.27). */
function aggregatedForm(exchange: Exchange): 'v2' | 'v2beta1' | null {
  const minor = Number(/^v1\.(\d+)/.exec(exchange.lab.settings.version)?.[1] ?? 0)
  if (minor < 27) return null
  for (const { type, parameters } of parseAccept(exchange.request.headers.accept)) {
    if (type !== 'application/json') continue
    if (parameters.g !== 'apidiscovery.k8s.io' || parameters.as !== 'APIGroupDiscoveryList') continue
    if (parameters.v === 'v2' && minor >= 30) return 'v2'
    if (parameters.v === 'v2beta1') return 'v2beta1'
  }
  return null
}

function sendAggregated(exchange: Exchange, form: 'v2' | 'v2beta1', groups: ServedVersion[][]): void {
  const type = `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`
  const text = JSON.stringify(aggregated(form, groups))
  exchange.response.setHeader('Vary', 'Accept')
  sendJson(exchange, 200, text, { 'Content-Type': type })
}

/** Answers /api, /apis and what is below them without a resource. False where the path is none of these. */
export function serveDiscovery(exchange: Exchange): boolean {
  const parts = exchange.path.split('/').filter((part) => part !== '')
  const { store } = exchange.lab
  const [root, first, second, ...more] = parts
  if (more.length > 0) return false
  if (root === 'api') {
    if (second !== undefined) return false
    const core = servedVersions(store).filter(({ group }) => group === '')
    if (first === undefined) {
      const form = aggregatedForm(exchange)
      if (form) sendAggregated(exchange, form, [core])
      else sendJson(exchange, 200, coreVersions(exchange))
      return true
    }
    const served = core.find(({ version }) => version === first)
    if (!served) throw pageNotFound()
    sendJson(exchange, 200, resourceList(served))
    return true
  }
  if (root !== 'apis') return false
  const groups = byGroup(store).filter((versions) => versions[0]?.group !== '')
  if (first === undefined) {
    const form = aggregatedForm(exchange)
    if (form) sendAggregated(exchange, form, groups)
    else sendJson(exchange, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(groupJson) })
    return true
  }
  const versions = groups.find((served) => served[0]?.group === first)
  if (!versions) throw pageNotFound()
  if (second === undefined) {
    sendJson(exchange, 200, { kind: 'APIGroup', apiVersion: 'v1', ...groupJson(versions) })
    return true
  }
  const served = versions.find(({ version }) => version === second)
  if (!served) throw pageNotFound()
  sendJson(exchange, 200, resourceList(served))
  return true
}

/** Where the cluster's own parts find the API server: the address that stands behind the service kubernetes. */
function advertised({ lab, request }: Exchange): string {
  const [subset] = lab.store.get('endpoints', 'default', 'kubernetes')?.['subsets'] ?? []
  const [address] = subset?.addresses ?? []
  return address ? `${address.ip}:${subset.ports[0].port}` : (request.headers.host ?? '')
}

function coreVersions(exchange: Exchange): object {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: advertised(exchange) }],
  }
}
