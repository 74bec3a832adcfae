/**
 * One cluster's topology as a stream of changes, and checks against it. Everything comes from watches; a change of an object gives the entities that depend on
 * it anew (a speaker's pod changes its node, an EndpointSlice its service), and only what differs from the last time is told.
 */
import type { Check } from '../protocol/lab.ts'
import type { TopologyChange, TopologySoftware } from '../protocol/topology.ts'
import { messageOf } from '../problem.ts'
import type { Api } from './api.ts'
import { isSpeaker, metallbVersion, nodeEntity, podEntity, serviceEntity, serviceOf } from './entities.ts'
import { createLookup, type Lookup } from './lookup.ts'
import { startReflector, type KubernetesObject, type Reflector } from './reflector.ts'
import { verdict, type Verdict } from './verdict.ts'

export interface TopologySource {
  api: Api
  lookup: Lookup
  /** Starts the watches. */
  start(): void
  listen(listener: (changes: TopologyChange[]) => void): () => void
  /** Told whenever the cluster becomes reachable or stops being so. */
  onState(listener: (reachable: boolean, message: string | null) => void): void
  /** The cluster was reset: lists everything anew, and tells everything anew. */
  restart(): void
  evaluate(check: Exclude<Check, { kind: 'exit' }>): Promise<Verdict>
  dispose(): void
}

type Kind = 'nodes' | 'pods' | 'services' | 'slices' | 'events' | 'controllers' | 'statuses' | 'definitions'

/** The label of a ServiceL2Status with the node of the speaker that wrote it last. */
const STATUS_NODE = 'metallb.io/node'
const STATUSES = { path: '/apis/metallb.io/v1beta1/servicel2statuses' }
const WATCHES: Record<Exclude<Kind, 'statuses'>, { path: string; fieldSelector?: string }> = {
  nodes: { path: '/api/v1/nodes' },
  pods: { path: '/api/v1/pods' },
  services: { path: '/api/v1/services' },
  slices: { path: '/apis/discovery.k8s.io/v1/endpointslices' },
  events: { path: '/api/v1/events', fieldSelector: 'involvedObject.kind=Service' },
  controllers: { path: '/apis/apps/v1/namespaces/metallb-system/deployments', fieldSelector: 'metadata.name=controller' },
  definitions: {
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    fieldSelector: 'metadata.name=servicel2statuses.metallb.io',
  },
}
/** Kubernetes 1.20 serves EndpointSlices as v1beta1 alone. */
const OLD_SLICES = '/apis/discovery.k8s.io/v1beta1/endpointslices'

const keyOf = (namespace: string | undefined, name: string | undefined): string => `${namespace ?? 'default'}/${name}`

/** `version`: gitVersion of the cluster, told as part of its software. */
export function createTopologySource(api: Api, version: string | null): TopologySource {
  const listeners = new Set<(changes: TopologyChange[]) => void>()
  const stateListeners = new Set<(reachable: boolean, message: string | null) => void>()
  const objects: Record<Kind, Map<string, KubernetesObject>> = {
    nodes: new Map(),
    pods: new Map(),
    services: new Map(),
    slices: new Map(),
    events: new Map(),
    controllers: new Map(),
    statuses: new Map(),
    definitions: new Map(),
  }
  /** By service: Announcements.removedBy. */
  const removedBy = new Map<string, string>()
  const reflectors = new Map<Kind, Reflector>()
  const unreachable = new Set<Kind>()
  /** What was told last, by entity, as JSON. */
  const told = new Map<string, string>()
  const dirty = new Set<string>()
  let gone: TopologyChange[] = []
  let scheduled = false
  let disposed = false
  const lookup = createLookup(api)

  const software = (): TopologySoftware => ({ kubernetes: version, metallb: metallbVersion([...objects.controllers.values()][0]) })

  const service = (key: string): KubernetesObject | undefined =>
    [...objects.services.values()].find((object) => keyOf(object.metadata.namespace, object.metadata.name) === key)

  const changeOf = (entity: string): TopologyChange | null => {
    const at = entity.indexOf(' ')
    const [kind, key] = [entity.slice(0, at), entity.slice(at + 1)]
    if (kind === 'node') {
      const node = [...objects.nodes.values()].find((object) => object.metadata.name === key)
      return node ? { op: 'node', node: nodeEntity(node, [...objects.pods.values()].filter(isSpeaker)) } : null
    }
    if (kind === 'pod') {
      const pod = objects.pods.get(key)
      return pod ? { op: 'pod', pod: podEntity(pod) } : null
    }
    if (kind === 'software') return { op: 'software', software: software() }
    const object = service(key)
    if (!object) return null
    const slices = [...objects.slices.values()].filter((slice) => keyOf(slice.metadata.namespace, serviceOf(slice)) === key)
    const events = [...objects.events.values()].filter(
      (event) => event.reason === 'nodeAssigned' && keyOf(event.involvedObject?.namespace, event.involvedObject?.name) === key,
    )
    const statuses = reflectors.has('statuses')
      ? [...objects.statuses.values()].filter((status) => keyOf(status.status?.serviceNamespace, status.status?.serviceName) === key)
      : null
    return { op: 'service', service: serviceEntity(object, slices, { events, statuses, removedBy: removedBy.get(key) ?? null }) }
  }

  const flush = (): void => {
    scheduled = false
    if (disposed) return
    const changes = gone
    gone = []
    for (const entity of dirty) {
      const change = changeOf(entity)
      if (change === null) continue
      const text = JSON.stringify(change)
      if (told.get(entity) === text) continue
      told.set(entity, text)
      changes.push(change)
    }
    dirty.clear()
    if (changes.length > 0) for (const listener of listeners) listener(changes)
  }

  const touch = (...entities: string[]): void => {
    for (const entity of entities) dirty.add(entity)
    if (scheduled) return
    scheduled = true
    // one turn of the event loop gathers what one answer of the server brought
    setImmediate(flush)
  }

  /** The entities that an object has a part in. */
  const entitiesOf = (kind: Kind, object: KubernetesObject): string[] => {
    const { metadata } = object
    switch (kind) {
      case 'nodes':
        return [`node ${metadata.name}`]
      case 'pods':
        return [`pod ${metadata.uid}`, ...(isSpeaker(object) && object.spec?.nodeName ? [`node ${object.spec.nodeName}`] : [])]
      case 'services':
        return [`service ${keyOf(metadata.namespace, metadata.name)}`]
      case 'slices':
        return [`service ${keyOf(metadata.namespace, serviceOf(object))}`]
      case 'events':
        return object.reason === 'nodeAssigned' ? [`service ${keyOf(object.involvedObject?.namespace, object.involvedObject?.name)}`] : []
      case 'statuses':
        return [`service ${keyOf(object.status?.serviceNamespace, object.status?.serviceName)}`]
      case 'controllers':
        return ['software -']
      case 'definitions':
        return []
    }
  }

  const goneChange = (kind: Kind, object: KubernetesObject): TopologyChange | null => {
    if (kind === 'nodes') return { op: 'node-gone', name: object.metadata.name }
    if (kind === 'pods') return { op: 'pod-gone', uid: object.metadata.uid }
    return kind === 'services' ? { op: 'service-gone', uid: object.metadata.uid } : null
  }

  const reachable = (kind: Kind, isReachable: boolean, message: string | null): void => {
    const before = unreachable.size
    if (isReachable) unreachable.delete(kind)
    else unreachable.add(kind)
    if (before === unreachable.size) return
    // nodes and pods are what a diagram cannot do without; the rest may be forbidden or absent
    if (kind === 'nodes') for (const listener of stateListeners) listener(isReachable, message)
  }

  const watch = (kind: Kind, { path, fieldSelector }: { path: string; fieldSelector?: string }): void => {
    if (reflectors.has(kind) || disposed) return
    const reflector = startReflector({
      api,
      path,
      ...(fieldSelector && { fieldSelector }),
      changed(object) {
        objects[kind].set(object.metadata.uid, object)
        if (kind === 'definitions') watchStatuses(object)
        touch(...entitiesOf(kind, object))
      },
      gone(object) {
        objects[kind].delete(object.metadata.uid)
        if (kind === 'definitions') endStatuses()
        if (kind === 'statuses') noteRemoval(object)
        if (kind === 'services') removedBy.delete(keyOf(object.metadata.namespace, object.metadata.name))
        const entities = entitiesOf(kind, object)
        const change = goneChange(kind, object)
        if (change) {
          told.delete(entities[0]!)
          gone.push(change)
        }
        touch(...entities)
      },
      reachable: (isReachable, message) => reachable(kind, isReachable, message),
    })
    reflectors.set(kind, reflector)
  }

  const watchStatuses = (definition: KubernetesObject): void => {
    const isEstablished = (definition.status?.conditions ?? []).some(
      (condition: any) => condition.type === 'Established' && condition.status === 'True',
    )
    if (isEstablished) watch('statuses', STATUSES)
  }

  const noteRemoval = ({ metadata, status }: KubernetesObject): void => {
    const by = metadata.labels?.[STATUS_NODE]
    if (by) removedBy.set(keyOf(status?.serviceNamespace, status?.serviceName), by)
  }

  const endStatuses = (): void => {
    reflectors.get('statuses')?.dispose()
    reflectors.delete('statuses')
    objects.statuses.clear()
    removedBy.clear()
  }

  return {
    api,
    lookup,
    start() {
      touch('software -')
      for (const [kind, where] of Object.entries(WATCHES)) {
        const isOld = kind === 'slices' && /^v1\.(1\d|20)\./.test(version ?? '')
        watch(kind as Kind, isOld ? { path: OLD_SLICES } : where)
      }
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onState: (listener) => void stateListeners.add(listener),
    restart() {
      lookup.forget()
      told.clear()
      // everything that stays as it was is told again, since whoever listens has begun anew
      for (const kind of Object.keys(objects) as Kind[]) for (const object of objects[kind].values()) touch(...entitiesOf(kind, object))
      touch('software -')
      for (const reflector of reflectors.values()) reflector.restart()
    },
    async evaluate(check) {
      try {
        return verdict(check, await lookup.objects(check.subject))
      } catch (error) {
        return { holds: false, found: { kind: 'unknown', text: messageOf(error) } }
      }
    },
    dispose() {
      disposed = true
      for (const reflector of reflectors.values()) reflector.dispose()
      listeners.clear()
      stateListeners.clear()
      api.dispose()
    },
  }
}

/** What the cluster says about itself: gitVersion. Rejects with the reason where it does not answer. */
export async function versionOf(api: Api): Promise<string> {
  const { status, body } = await api.request('GET', '/version')
  if (status !== 200) throw new Error(body?.message ?? `the server answered ${status}`)
  return body.gitVersion
}
