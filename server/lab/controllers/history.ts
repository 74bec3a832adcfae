/** Controller revisions: the history of DaemonSets and StatefulSets, as pkg/controller/history. */
import type { ControllerContext } from '../machinery/context.ts'
import { revisionHash, templateHash } from '../machinery/hash.ts'
import { controllerReference, sameJson } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import { claim } from './pod-control.ts'

const RESOURCE = 'controllerrevisions.apps'
/** A pod's revision; on the revisions of daemon sets too. */
export const REVISION_HASH = 'controller-revision-hash'
/** On the revisions of stateful sets. */
const CONTENT_HASH = 'controller.kubernetes.io/hash'

export interface History {
  /** The revision that the owner's template is now. */
  current: KubeObject
  /** All, oldest first, the current one last. */
  all: KubeObject[]
}

function patchOf(owner: KubeObject): object {
  return { spec: { template: { ...owner.spec.template, $patch: 'replace' } } }
}

/** Lists an owner's revisions and makes the one that its template needs. `annotations` go onto a new one. */
export function syncHistory(context: ControllerContext, owner: KubeObject, annotations: Record<string, string>): History {
  const { store, settings } = context
  const { namespace, name } = owner.metadata
  const all = claim(context, owner, RESOURCE, store.list(RESOURCE, namespace)).toSorted((a, b) => a['revision'] - b['revision'])
  const data = patchOf(owner)
  const next = Number(all.at(-1)?.['revision'] ?? 0) + 1
  const equal = all.findLast((revision) => sameJson(revision['data'], data))
  if (equal) {
    if (equal['revision'] === next - 1) return { current: equal, all }
    // an older template again: it becomes the newest
    const moved = store.mutate(RESOURCE, namespace ?? null, equal.metadata.name, (copy) => void (copy['revision'] = next)) as KubeObject
    return { current: moved, all: [...all.filter((revision) => revision !== equal), moved] }
  }
  for (let collisions = owner.status?.collisionCount ?? 0; ; collisions++) {
    const isStateful = owner.kind === 'StatefulSet'
    const hash = isStateful ? revisionHash(data, collisions) : templateHash(owner.spec.template, collisions || undefined, settings)
    try {
      const current = store.create(RESOURCE, {
        metadata: {
          name: `${name}-${hash}`,
          ...(namespace ? { namespace } : {}),
          labels: { ...owner.spec.template.metadata?.labels, [isStateful ? CONTENT_HASH : REVISION_HASH]: hash },
          ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
          ownerReferences: [controllerReference(owner)],
        },
        data,
        revision: next,
      })
      return { current, all: [...all, current] }
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error
    }
  }
}

/** Deletes what is older than the limit and not in use: `live` are the pods' revisions, by hash or by name. */
export function truncateHistory(context: ControllerContext, owner: KubeObject, history: History, live: ReadonlySet<string>): void {
  const limit = owner.spec.revisionHistoryLimit ?? 10
  const old = history.all.filter(
    ({ metadata }) =>
      metadata.uid !== history.current.metadata.uid && !live.has(metadata.name) && !live.has(metadata.labels?.[REVISION_HASH] ?? ''),
  )
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) {
    context.store.delete(RESOURCE, revision.metadata.namespace ?? null, revision.metadata.name)
  }
}
