/** One APIService for each group version that is served, as kube-aggregator's auto-registration keeps them. */
import type { LabContext } from '../../context.ts'
import { timestamp } from '../../store/rules.ts'
import type { Disposable } from '../../store/store.ts'
import { isCustom } from '../custom/definition.ts'
import { servedVersions, type ServedVersion } from '../discovery.ts'

const API_SERVICES = 'apiservices.apiregistration.k8s.io'
const CRDS = 'customresourcedefinitions.apiextensions.k8s.io'

/** groupPriorityMinimum of each group (apiVersionPriorities of controlplane/apiserver/apis.go). */
const GROUP_PRIORITY: Record<string, number> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'apiextensions.k8s.io': 16700,
  'admissionregistration.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'resource.k8s.io': 16200,
}

const VERSION_PRIORITY: Record<string, number> = {
  'v1.': 1,
  'v2.autoscaling': 30,
  'v1.flowcontrol.apiserver.k8s.io': 21,
  'v1.resource.k8s.io': 21,
}

function isCustomVersion({ resources }: ServedVersion): boolean {
  return resources.every(isCustom)
}

export function startApiServices(lab: LabContext, at: number): Disposable {
  const { store, clock } = lab
  const sync = (now: number): void => {
    const wanted = new Map(
      servedVersions(store)
        .filter(({ group }) => group !== 'apiregistration.k8s.io')
        .map((served) => [`${served.version}.${served.group}`, served]),
    )
    for (const { metadata } of store.list(API_SERVICES)) {
      if (metadata.labels?.['kube-aggregator.kubernetes.io/automanaged'] && !wanted.has(metadata.name))
        store.delete(API_SERVICES, null, metadata.name)
    }
    for (const [name, served] of wanted) if (!store.get(API_SERVICES, null, name)) create(name, served, now)
  }
  const create = (name: string, served: ServedVersion, now: number): void => {
    const { group, version } = served
    const custom = isCustomVersion(served)
    const write = { at: now, fieldManager: 'kube-apiserver' }
    store.create(
      API_SERVICES,
      {
        metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': custom ? 'true' : 'onstart' } },
        spec: {
          ...(group ? { group } : {}),
          groupPriorityMinimum: custom ? 1000 : (GROUP_PRIORITY[group] ?? 1000),
          version,
          versionPriority: custom ? 100 : (VERSION_PRIORITY[name] ?? 15),
        },
      },
      write,
    )
    store.mutate(
      API_SERVICES,
      null,
      name,
      (stored) => {
        const message = 'Local APIServices are always available'
        stored.status = {
          conditions: [{ lastTransitionTime: timestamp(now), message, reason: 'Local', status: 'True', type: 'Available' }],
        }
      },
      { ...write, subresource: 'status' },
    )
  }
  if (!store.definition(API_SERVICES)) return { dispose() {} }
  sync(at)
  return store.watch(CRDS, {}, () => sync(clock.now()))
}
