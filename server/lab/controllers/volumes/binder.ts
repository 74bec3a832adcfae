/** The persistent volume controller: binds claims to volumes, and says why it cannot (pkg/controller/volume/persistentvolume/pv_controller.go). */
import type { ControllerContext } from '../../machinery/context.ts'
import { minorVersion } from '../../resources/kit/version.ts'
import { disposeAll } from '../../machinery/disposables.ts'
import { createRecorder, type EventType } from '../../machinery/events.ts'
import { sameJson, splitKey, timestamp } from '../../machinery/objects.ts'
import { createWorkqueue } from '../../machinery/workqueue.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { defaultStorageClass } from '../../resources/storage.ts'
import type { Disposable } from '../../store/store.ts'
import { storageClassOf } from '../../resources/core/volumes.ts'
import { annotate, BIND_COMPLETED, BOUND_BY_CONTROLLER, findVolume, isFor, keepFor, mismatch, SELECTED_NODE } from './match.ts'

const CLAIMS = 'persistentvolumeclaims'
const VOLUMES = 'persistentvolumes'
const CLASSES = 'storageclasses.storage.k8s.io'
/** How often everything is looked at again. */
const RESYNC_MS = 15_000
const PROVISIONERS = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']

export function startVolumeBinder(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'persistentvolume-controller')
  /** Versions of claims that this controller has written itself: hearing of them tells it nothing (storeClaimUpdate). */
  const written = new Set<string>()
  const noted = (claim: KubeObject | undefined): void => void (claim && written.add(claim.metadata.resourceVersion))
  const changeClaim = (claim: KubeObject, change: (copy: KubeObject) => void): void =>
    noted(store.mutate(CLAIMS, claim.metadata.namespace ?? null, claim.metadata.name, change))
  const changeVolume = (volume: KubeObject, change: (copy: KubeObject) => void): void =>
    void store.mutate(VOLUMES, null, volume.metadata.name, change)
  const setClaimStatus = (claim: KubeObject, status: object): void => {
    if (sameJson(claim['status'], status)) return
    noted(
      store.mutate(CLAIMS, claim.metadata.namespace ?? null, claim.metadata.name, (copy) => void (copy['status'] = status), {
        subresource: 'status',
      }),
    )
  }
  /** True where the phase is new. */
  const setPhase = (volume: KubeObject, phase: string, message?: string): boolean => {
    if (volume['status']?.phase === phase && volume['status'].message === message) return false
    const status = {
      ...(minorVersion(context.settings) >= 29 ? { lastPhaseTransitionTime: timestamp(clock.now()) } : {}),
      ...(message === undefined ? {} : { message }),
      phase,
    }
    store.mutate(VOLUMES, null, volume.metadata.name, (copy) => void (copy['status'] = status), { subresource: 'status' })
    return true
  }

  const syncClaim = (claim: KubeObject): void => {
    if (claim.metadata.annotations?.[BIND_COMPLETED]) return syncBoundClaim(claim)
    if (claim['spec'].volumeName) return syncClaimByName(claim)
    const storageClass = store.get(CLASSES, null, storageClassOf(claim))
    const waits = storageClass?.['volumeBindingMode'] === 'WaitForFirstConsumer' && !claim.metadata.annotations?.[SELECTED_NODE]
    const volume = findVolume(claim, store.list(VOLUMES), null, waits)
    if (volume !== null) return bind(volume, claim)
    if (claim.metadata.deletionTimestamp) return
    if (claim['spec'].storageClassName === undefined && storageClassOf(claim) === '') {
      const general = defaultStorageClass(store.list(CLASSES))
      if (general !== undefined) return changeClaim(claim, (copy) => void (copy['spec'].storageClassName = general.metadata.name))
    }
    if (waits) tellWhoIsAwaited(claim)
    else if (storageClassOf(claim) !== '') provision(claim, storageClass)
    else event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set')
  }

  const event = (about: KubeObject, type: EventType, reason: string, message: string): void => recorder.event(about, type, reason, message)

  const tellWhoIsAwaited = (claim: KubeObject): void => {
    const pods = store
      .list('pods', claim.metadata.namespace)
      .filter((pod) => !pod['spec'].nodeName && claimNames(pod).includes(claim.metadata.name))
      .map((pod) => pod.metadata.name)
    if (pods.length === 0) event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding')
    else event(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${pods.length > 1 ? 'pods' : 'pod'} ${pods.join(',')} to be scheduled`)
  }

  /** Somebody else has to make the volume: the lab has no provisioners of its own. */
  const provision = (claim: KubeObject, storageClass: KubeObject | undefined): void => {
    if (!storageClass) {
      return event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${storageClassOf(claim)}" not found`)
    }
    const provisioner: string = storageClass['provisioner']
    if (PROVISIONERS.some((key) => claim.metadata.annotations?.[key] !== provisioner)) {
      changeClaim(claim, (copy) => PROVISIONERS.forEach((key) => annotate(copy, key, provisioner)))
    }
    if (provisioner.startsWith('kubernetes.io/')) {
      return event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`)
    }
    const message =
      minorVersion(context.settings) >= 28
        ? `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
        : `waiting for a volume to be created, either by external provisioner "${provisioner}" or manually created by system administrator`
    event(claim, 'Normal', 'ExternalProvisioning', message)
  }

  const syncClaimByName = (claim: KubeObject): void => {
    const volume = store.get(VOLUMES, null, claim['spec'].volumeName)
    if (!volume) return
    const reference = volume['spec'].claimRef
    if (!reference) {
      const why = mismatch(volume, claim)
      if (why === null) return bind(volume, claim)
      return event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${volume.metadata.name}": ${why}`)
    }
    if (isFor(volume, claim)) return bind(volume, claim)
    const other = `${reference.namespace}/${reference.name}`
    event(claim, 'Warning', 'FailedBinding', `volume "${volume.metadata.name}" already bound to a different claim "${other}".`)
  }

  const syncBoundClaim = (claim: KubeObject): void => {
    const volume = store.get(VOLUMES, null, claim['spec'].volumeName ?? '')
    const lose = (reason: string, message: string): void => {
      if (claim['status']?.phase === 'Lost') return
      setClaimStatus(claim, { phase: 'Lost' })
      event(claim, 'Warning', reason, message)
    }
    if (!volume) return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!')
    if (volume['spec'].claimRef && !isFor(volume, claim)) {
      return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly')
    }
    bind(volume, claim)
  }

  /** Both sides, each as far as it is not done yet. */
  const bind = (volume: KubeObject, claim: KubeObject): void => {
    if (!volume['spec'].claimRef?.uid) changeVolume(volume, (copy) => keepFor(copy, claim))
    setPhase(store.get(VOLUMES, null, volume.metadata.name) ?? volume, 'Bound')
    if (claim['spec'].volumeName !== volume.metadata.name || !claim.metadata.annotations?.[BIND_COMPLETED]) {
      changeClaim(claim, (copy) => {
        if (copy['spec'].volumeName !== volume.metadata.name) annotate(copy, BOUND_BY_CONTROLLER)
        copy['spec'].volumeName = volume.metadata.name
        annotate(copy, BIND_COMPLETED)
      })
    }
    const current = store.get(CLAIMS, claim.metadata.namespace ?? null, claim.metadata.name) ?? claim
    const { accessModes, capacity } = volume['spec']
    setClaimStatus(current, { ...current['status'], accessModes, capacity: current['status']?.capacity ?? capacity, phase: 'Bound' })
  }

  const syncVolume = (volume: KubeObject): void => {
    const reference = volume['spec'].claimRef
    if (!reference?.uid) return void setPhase(volume, 'Available')
    const claim = store.get(CLAIMS, reference.namespace, reference.name)
    if (!claim || claim.metadata.uid !== reference.uid) return reclaim(volume)
    if (claim['spec'].volumeName === volume.metadata.name) return void setPhase(volume, 'Bound')
    if (!claim['spec'].volumeName) queue.add(`claim:${reference.namespace}/${reference.name}`)
  }

  const reclaim = (volume: KubeObject): void => {
    if (volume['status']?.phase !== 'Released' && volume['status']?.phase !== 'Failed') {
      setPhase(volume, 'Released')
      return queue.add(`volume:${volume.metadata.name}`)
    }
    if (volume['spec'].persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.deletionTimestamp) return
    const { hostPath, csi } = volume['spec']
    // A driver of its own deletes it, and there is none in the lab.
    if (csi) return
    if (hostPath && /^\/tmp\/.+/.test(hostPath.path)) return void store.delete(VOLUMES, null, volume.metadata.name)
    const message = hostPath
      ? `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`
      : `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`
    if (setPhase(volume, 'Failed', message)) event(volume, 'Warning', 'VolumeFailedDelete', message)
  }

  const queue = createWorkqueue(context, (key) => {
    const [what = '', rest = ''] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)]
    const { namespace, name } = splitKey(rest)
    const object = what === 'claim' ? store.get(CLAIMS, namespace, name) : store.get(VOLUMES, null, name)
    if (!object) return
    if (what === 'claim') syncClaim(object)
    else syncVolume(object)
  })
  /** Everything again, as long as there is anything: an empty cluster keeps no timer. */
  let resync: { cancel(): void } | null = null
  const scheduleResync = (): void => {
    resync ??= clock.after(RESYNC_MS, () => {
      resync = null
      const volumes = store.list(VOLUMES)
      const claims = store.list(CLAIMS)
      if (volumes.length + claims.length === 0) return
      for (const { metadata } of volumes) queue.add(`volume:${metadata.name}`)
      for (const { metadata } of claims) queue.add(`claim:${metadata.namespace}/${metadata.name}`)
      scheduleResync()
    })
  }
  const watches = [
    store.watch(CLAIMS, { initial: true }, ({ type, object }) => {
      scheduleResync()
      if (written.delete(object.metadata.resourceVersion)) return
      if (type !== 'DELETED') queue.add(`claim:${object.metadata.namespace}/${object.metadata.name}`)
      else if (object['spec'].volumeName) queue.add(`volume:${object['spec'].volumeName}`)
    }),
    store.watch(VOLUMES, { initial: true }, ({ type, object }) => {
      scheduleResync()
      if (type !== 'DELETED') queue.addAfter(`volume:${object.metadata.name}`, VOLUME_LATENCY_MS)
      else if (object['spec'].claimRef) queue.add(`claim:${object['spec'].claimRef.namespace}/${object['spec'].claimRef.name}`)
    }),
  ]
  return disposeAll([queue, { dispose: () => resync?.cancel() }, ...watches])
}

/** A new volume is Available only after a while: a claim that comes at once does not find it yet, and waits for the next look at everything. */
const VOLUME_LATENCY_MS = 15

/** The claims that a pod's volumes name, those of its ephemeral volumes among them. */
export function claimNames(pod: KubeObject): string[] {
  const volumes: { name: string; persistentVolumeClaim?: { claimName: string }; ephemeral?: object }[] = pod['spec']?.volumes ?? []
  return volumes.flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral ? [`${pod.metadata.name}-${name}`] : []
  })
}
