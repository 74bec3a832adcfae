/** Pods that run already when the lab starts: objects as a kubelet left them. */
import { randomHex } from '../machinery/objects.ts'
import { minorVersion } from '../resources/kit/version.ts'
import type { KubeObject, OwnerReference } from '../resources/definition.ts'
import type { PresetNode } from './preset.ts'
import type { Seeder } from './seeder.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = Record<string, any>

export interface RunningPod {
  name?: string
  generateName?: string
  namespace: string
  labels: Record<string, string>
  annotations?: Record<string, string>
  owners: OwnerReference[]
  spec: Fields
  node: PresetNode
  /** null: the node's own. */
  address: string | null
  /** ms after the installation. */
  after: number
}

/** `docker.io/` and `library/` are written out by containerd and left out by Docker. */
function imageName(image: string, docker: boolean): string {
  if (docker || /^[^/]+\.[^/]+\//.test(image)) return image
  return image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`
}

/** Creates the pod, bound and running. */
export function seedRunningPod(seeder: Seeder, pod: RunningPod): KubeObject {
  const { lab } = seeder
  const minor = minorVersion(lab.settings)
  const docker = minor < 24
  const scheme = docker ? 'docker' : 'containerd'
  const { node, after } = pod
  const created = seeder.create(
    'pods',
    {
      metadata: {
        ...(pod.name ? { name: pod.name } : { generateName: pod.generateName as string }),
        namespace: pod.namespace,
        labels: pod.labels,
        ...(pod.annotations ? { annotations: pod.annotations } : {}),
        ownerReferences: pod.owners,
      },
      spec: { ...pod.spec, nodeName: node.name },
    },
    after,
  )
  const container = (spec: Fields, init: boolean): Fields => ({
    ...(minor >= 33 && !init && spec.resources?.requests ? { allocatedResources: spec.resources.requests } : {}),
    containerID: `${scheme}://${randomHex(lab.random, 64)}`,
    image: imageName(spec.image, docker),
    imageID: `${docker ? 'docker-pullable://' : ''}${imageName(spec.image, docker).replace(/:[^:/]+$/, '')}@sha256:${randomHex(lab.random, 64)}`,
    lastState: {},
    name: spec.name,
    ready: true,
    ...(minor >= 33 ? { resources: spec.resources ?? {} } : {}),
    restartCount: 0,
    started: !init,
    state: init
      ? {
          terminated: {
            containerID: `${scheme}://${randomHex(lab.random, 64)}`,
            exitCode: 0,
            finishedAt: seeder.time(after + 6000),
            reason: 'Completed',
            startedAt: seeder.time(after + 5000),
          },
        }
      : { running: { startedAt: seeder.time(after + 8000) } },
    ...(minor >= 31 && spec.volumeMounts?.length
      ? {
          volumeMounts: spec.volumeMounts.map((mount: Fields) => ({
            mountPath: mount.mountPath,
            name: mount.name,
            ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }
      : {}),
  })
  const condition = (type: string, seconds: number): Fields => ({
    lastProbeTime: null,
    lastTransitionTime: seeder.time(after + seconds * 1000),
    ...(minor >= 34 ? { observedGeneration: created.metadata.generation ?? 1 } : {}),
    status: 'True',
    type,
  })
  const ip = pod.address ?? node.address
  const init = (created.spec.initContainers ?? []).map((spec: Fields) => container(spec, true))
  const status = {
    conditions: [
      ...(minor >= 29 ? [condition('PodReadyToStartContainers', 9)] : []),
      condition('Initialized', init.length > 0 ? 7 : 0),
      condition('Ready', 9),
      condition('ContainersReady', 9),
      condition('PodScheduled', 0),
    ],
    containerStatuses: created.spec.containers.map((spec: Fields) => container(spec, false)),
    hostIP: node.address,
    ...(minor >= 29 ? { hostIPs: [{ ip: node.address }] } : {}),
    ...(init.length > 0 ? { initContainerStatuses: init } : {}),
    ...(minor >= 34 ? { observedGeneration: created.metadata.generation ?? 1 } : {}),
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    qosClass: created.status?.qosClass ?? 'BestEffort',
    startTime: seeder.time(after),
  }
  const { namespace, name } = created.metadata
  return lab.store.mutate('pods', namespace ?? null, name, (copy) => void (copy.status = status), { subresource: 'status' }) as KubeObject
}
