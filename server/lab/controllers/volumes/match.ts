/** Which volume a claim may have (component-helpers' storage/volume/pv_helpers.go). */
import { matchesTerm, type NodeSelectorTerm } from '../../machinery/node-affinity.ts'
import { matchesSelector } from '../../machinery/selectors.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { storageClassOf } from '../../resources/core/volumes.ts'
import { compareQuantities } from '../../resources/kit/resource-list.ts'

/** Whether a volume is kept for a claim, by its uid where the reference has one. */
export function isFor(volume: KubeObject, claim: KubeObject): boolean {
  const reference = volume['spec']?.claimRef
  if (!reference || reference.name !== claim.metadata.name || reference.namespace !== claim.metadata.namespace) return false
  return !reference.uid || reference.uid === claim.metadata.uid
}

const hasRoom = (volume: KubeObject, claim: KubeObject): boolean =>
  compareQuantities(volume['spec'].capacity?.storage, claim['spec'].resources?.requests?.storage) >= 0
const sameMode = (volume: KubeObject, claim: KubeObject): boolean =>
  (volume['spec'].volumeMode ?? 'Filesystem') === (claim['spec'].volumeMode ?? 'Filesystem')
const sameAttributes = (volume: KubeObject, claim: KubeObject): boolean =>
  (volume['spec'].volumeAttributesClassName ?? '') === (claim['spec'].volumeAttributesClassName ?? '')
const offersModes = (volume: KubeObject, claim: KubeObject): boolean =>
  (claim['spec'].accessModes ?? []).every((mode: string) => volume['spec'].accessModes?.includes(mode))

/** Why a volume that a claim asks for by name does not do, or null (checkVolumeSatisfyClaim). */
export function mismatch(volume: KubeObject, claim: KubeObject): string | null {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`
  if (!hasRoom(volume, claim)) return 'requested PV is too small'
  if (storageClassOf(volume) !== storageClassOf(claim)) return 'storageClassName does not match'
  if (!sameAttributes(volume, claim)) return 'volumeAttributesClassName does not match'
  if (!sameMode(volume, claim)) return 'incompatible volumeMode'
  return offersModes(volume, claim) ? null : 'incompatible accessMode'
}

/** Whether a volume can be had on a node. */
export function reaches(volume: KubeObject, node: KubeObject): boolean {
  const terms: NodeSelectorTerm[] | undefined = volume['spec']?.nodeAffinity?.required?.nodeSelectorTerms
  return terms === undefined || terms.some((term) => matchesTerm(term, node))
}

/**
 * The volume that is kept for the claim, or the smallest that fits. `node` is where the scheduler wants it; without one, a claim whose binding waits for
 * a pod (`waits`) gets only a volume that is kept for it.
 */
export function findVolume(
  claim: KubeObject,
  volumes: readonly KubeObject[],
  node: KubeObject | null,
  waits: boolean,
  taken: ReadonlySet<string> = new Set(),
): KubeObject | null {
  let best: KubeObject | null = null
  for (const volume of volumes) {
    if (taken.has(volume.metadata.name) || (volume['spec'].claimRef && !isFor(volume, claim))) continue
    if (!hasRoom(volume, claim) || !sameMode(volume, claim) || !sameAttributes(volume, claim) || volume.metadata.deletionTimestamp) continue
    const reachable = node === null || reaches(volume, node)
    if (isFor(volume, claim)) return reachable ? volume : null
    if ((node === null && waits) || volume['status']?.phase !== 'Available') continue
    if (claim['spec'].selector && !matchesSelector(claim['spec'].selector, volume.metadata.labels)) continue
    if (storageClassOf(volume) !== storageClassOf(claim) || !reachable || !offersModes(volume, claim)) continue
    if (best === null || compareQuantities(volume['spec'].capacity.storage, best['spec'].capacity.storage) < 0) best = volume
  }
  return best
}

/** Notes in a volume that it is a claim's, in place; that a controller did it, unless somebody had chosen the claim before. */
export function keepFor(volume: KubeObject, claim: KubeObject): void {
  const { name, namespace, uid, resourceVersion } = claim.metadata
  if (!volume['spec'].claimRef) annotate(volume, BOUND_BY_CONTROLLER)
  volume['spec'].claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, resourceVersion, uid }
}

export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller'
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
/** The node that the scheduler chose for a claim's first pod. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'

export function annotate(object: KubeObject, key: string, value = 'yes'): void {
  object.metadata.annotations = { ...object.metadata.annotations, [key]: value }
}
