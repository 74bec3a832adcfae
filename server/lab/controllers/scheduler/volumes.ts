/** The scheduler's plugin VolumeBinding: pods go where their claims' volumes are, or can be had (plugins/volumebinding). */
import type { KubeObject } from '../../resources/definition.ts'
import type { Store } from '../../store/store.ts'
import { claimNames } from '../volumes/binder.ts'
import { storageClassOf } from '../../resources/core/volumes.ts'
import { annotate, BIND_COMPLETED, findVolume, keepFor, reaches, SELECTED_NODE } from '../volumes/match.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'

export interface PodClaims {
  bound: KubeObject[]
  /** Those whose binding waits for the choice of a node. */
  waiting: KubeObject[]
}

const isBound = ({ metadata, spec }: KubeObject): boolean => Boolean(spec?.volumeName && metadata.annotations?.[BIND_COMPLETED])

/** The claims of a pod; a text where one of them stands against every node. */
export function claimsOf(store: Store, pod: KubeObject): PodClaims | string {
  const claims: PodClaims = { bound: [], waiting: [] }
  const { namespace = null } = pod.metadata
  const ephemeral = new Set(
    (pod['spec'].volumes ?? [])
      .filter((volume: KubeObject) => volume['ephemeral'])
      .map((volume: { name: string }) => `${pod.metadata.name}-${volume.name}`),
  )
  const found: KubeObject[] = []
  for (const name of claimNames(pod)) {
    const claim = store.get(CLAIMS, namespace, name)
    if (!claim) {
      return ephemeral.has(name)
        ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
        : `persistentvolumeclaim "${name}" not found`
    }
    if (claim['status']?.phase === 'Lost') {
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim['spec'].volumeName}"`
    }
    if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`
    found.push(claim)
  }
  for (const claim of found) {
    if (isBound(claim)) claims.bound.push(claim)
    else if (!claim['spec'].volumeName && waitsForPod(store, claim)) claims.waiting.push(claim)
    else return 'pod has unbound immediate PersistentVolumeClaims'
  }
  return claims
}

function waitsForPod(store: Store, claim: KubeObject): boolean {
  const storageClass = store.get('storageclasses.storage.k8s.io', null, storageClassOf(claim))
  return storageClass?.['volumeBindingMode'] === 'WaitForFirstConsumer'
}

/** Why a node does not do for these claims. */
export function volumeReasons(store: Store, claims: PodClaims, node: KubeObject): string[] {
  const reasons: string[] = []
  const volumes = claims.bound.map((claim) => store.get(VOLUMES, null, claim['spec'].volumeName))
  if (volumes.some((volume) => volume && !reaches(volume, node))) reasons.push("node(s) didn't match PersistentVolume's node affinity")
  if (chooseVolumes(store, claims, node) === null) reasons.push("node(s) didn't find available persistent volumes to bind")
  if (volumes.includes(undefined)) reasons.push('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)')
  return reasons
}

/** A volume of its own for every claim that waits, `provision` where its class makes one; null where one gets neither. */
function chooseVolumes(store: Store, { waiting }: PodClaims, node: KubeObject): Map<KubeObject, KubeObject | 'provision'> | null {
  const chosen = new Map<KubeObject, KubeObject | 'provision'>()
  const taken = new Set<string>()
  for (const claim of waiting) {
    const volume = findVolume(claim, store.list(VOLUMES), node, true, taken)
    if (volume) {
      chosen.set(claim, volume)
      taken.add(volume.metadata.name)
      continue
    }
    const storageClass = store.get('storageclasses.storage.k8s.io', null, storageClassOf(claim))
    if (!storageClass || storageClass['provisioner'] === 'kubernetes.io/no-provisioner') return null
    chosen.set(claim, 'provision')
  }
  return chosen
}

/** Keeps volumes for the claims that wait, or says for which node they are to be made. The binding itself is the volume controller's. */
export function reserveVolumes(store: Store, claims: PodClaims, node: KubeObject): void {
  for (const [claim, volume] of chooseVolumes(store, claims, node) ?? []) {
    const { namespace = null, name } = claim.metadata
    if (volume === 'provision') {
      store.mutate(CLAIMS, namespace, name, (copy) => annotate(copy, SELECTED_NODE, node.metadata.name))
    } else store.mutate(VOLUMES, null, volume.metadata.name, (copy) => keepFor(copy, claim))
  }
}

/** Whether all claims of a pod are bound. */
export function areBound(store: Store, pod: KubeObject): boolean {
  return claimNames(pod).every((name) => {
    const claim = store.get(CLAIMS, pod.metadata.namespace ?? null, name)
    return claim !== undefined && isBound(claim)
  })
}
