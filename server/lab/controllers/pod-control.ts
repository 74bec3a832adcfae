/** Creating, deleting and claiming pods for an owner, as controller_utils.go and controller_ref_manager.go. */
import type { KubeObject } from '../resources/definition.ts'
import type { ControllerContext } from '../machinery/context.ts'
import type { EventRecorder } from '../machinery/events.ts'
import { ApiError } from '../store/api-error.ts'
import { controllerOf, controllerReference } from '../machinery/objects.ts'
import { matchesSelector } from '../machinery/selectors.ts'

export interface PodControl {
  /** Creates a pod from a template, with a generated name unless `name` is given; event SuccessfulCreate or FailedCreate on the owner. */
  create(owner: KubeObject, template: KubeObject['spec'], adjust?: (pod: KubeObject) => void): KubeObject
  /** Deletes a pod; event SuccessfulDelete on the owner. */
  remove(owner: KubeObject, pod: KubeObject): void
}

/** Longest name before the suffix that apimachinery's name generator leaves: 63 less 5. */
const LONGEST_BASE = 58

export function createPodControl(context: ControllerContext, recorder: EventRecorder): PodControl {
  return {
    create(owner, template, adjust) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          ...(template.metadata?.labels ? { labels: { ...template.metadata.labels } } : {}),
          ...(template.metadata?.annotations ? { annotations: { ...template.metadata.annotations } } : {}),
          ...(template.metadata?.finalizers ? { finalizers: [...template.metadata.finalizers] } : {}),
          generateName: `${owner.metadata.name.slice(0, LONGEST_BASE - 1)}-`,
          namespace: owner.metadata.namespace,
          ownerReferences: [controllerReference(owner)],
        },
        // the store copies what it is given
        spec: adjust ? structuredClone(template.spec) : template.spec,
      } as unknown as KubeObject
      adjust?.(pod)
      try {
        const created = context.store.create('pods', pod)
        recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`)
        return created
      } catch (error) {
        const terminating = error instanceof ApiError && error.message.includes('because it is being terminated')
        if (error instanceof ApiError && !terminating) {
          recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
        }
        throw error
      }
    },
    remove(owner, pod) {
      const { namespace, name, uid } = pod.metadata
      try {
        context.store.delete('pods', namespace ?? null, name, { preconditions: { uid } })
        recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)
      } catch (error) {
        if (!(error instanceof ApiError) || error.code === 404) return
        recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`)
        throw error
      }
    },
  }
}

/** Takes orphans that the selector matches, lets go of what it no longer matches, and returns what the owner has. */
export function claim(
  context: ControllerContext,
  owner: KubeObject,
  resource: 'pods' | 'replicasets.apps' | 'controllerrevisions.apps',
  candidates: readonly KubeObject[],
): KubeObject[] {
  const claimed: KubeObject[] = []
  for (const object of candidates) {
    const { namespace, name, labels, deletionTimestamp } = object.metadata
    const controller = controllerOf(object)
    const matches = matchesSelector(owner.spec.selector, labels)
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue
      if (matches) {
        claimed.push(object)
      } else if (!owner.metadata.deletionTimestamp) {
        context.store.mutate(resource, namespace ?? null, name, (copy) => {
          const rest = copy.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid)
          if (rest?.length) copy.metadata.ownerReferences = rest
          else delete copy.metadata.ownerReferences
        })
      }
      continue
    }
    if (!matches || owner.metadata.deletionTimestamp || deletionTimestamp) continue
    const adopted = context.store.mutate(resource, namespace ?? null, name, (copy) => {
      copy.metadata.ownerReferences = [...(copy.metadata.ownerReferences ?? []), controllerReference(owner)]
    })
    if (adopted) claimed.push(adopted)
  }
  return claimed
}
