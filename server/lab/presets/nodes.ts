/** The nodes of a preset, as their kubelets registered them, with their Leases. */
import { microTimestamp, randomHex, randomUid } from '../machinery/objects.ts'
import type { ClusterData } from './data.ts'
import type { PresetNode } from './preset.ts'
import type { Seeder } from './seeder.ts'

/** A worker joins this long after the one before it, ms. */
const JOIN_INTERVAL = 95_000

export function joinedAfter(index: number): number {
  return index * JOIN_INTERVAL
}

export function seedNode(seeder: Seeder, data: ClusterData, node: PresetNode, index: number): void {
  const { lab } = seeder
  const { machine } = data
  const after = joinedAfter(index)
  const ready = seeder.time(after + 24_000)
  const heartbeat = new Date(lab.clock.now() - 5000 - index * 7000).toISOString().replace(/\.\d+Z$/, 'Z')
  const condition = (type: string, status: string, reason: string, message: string, since: string): object => ({
    lastHeartbeatTime: heartbeat,
    lastTransitionTime: since,
    message,
    reason,
    status,
    type,
  })
  const began = seeder.time(after)
  const resources = (allocatable: boolean): object => ({
    cpu: machine.cpu,
    'ephemeral-storage': allocatable
      ? String(Math.floor(Number.parseInt(machine.ephemeralStorage, 10) * 1024 * 0.9))
      : machine.ephemeralStorage,
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: allocatable ? `${Number.parseInt(machine.memory, 10) - 102_400}Ki` : machine.memory,
    pods: '110',
  })
  const machineID = randomHex(lab.random, 32)
  seeder.create(
    'nodes',
    {
      metadata: {
        name: node.name,
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': node.name,
          'kubernetes.io/os': 'linux',
          ...(node.controlPlane ? data.controlPlaneLabels : {}),
        },
        annotations: {
          ...data.nodeAnnotations,
          'node.alpha.kubernetes.io/ttl': '0',
          'projectcalico.org/IPv4Address': `${node.address}/24`,
          'projectcalico.org/IPv4IPIPTunnelAddr': node.podCidr.replace(/\d+\/24$/, '1'),
          'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        },
      },
      spec: {
        podCIDR: node.podCidr,
        podCIDRs: [node.podCidr],
        ...(node.controlPlane ? { taints: [{ effect: 'NoSchedule', key: data.controlPlaneTaint }] } : {}),
      },
      status: {
        addresses: [
          { address: node.address, type: 'InternalIP' },
          { address: node.name, type: 'Hostname' },
        ],
        allocatable: resources(true),
        capacity: resources(false),
        conditions: [
          condition('NetworkUnavailable', 'False', 'CalicoIsUp', 'Calico is running on this node', ready),
          condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available', began),
          condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure', began),
          condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available', began),
          condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', ready),
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        images: [],
        nodeInfo: {
          architecture: 'amd64',
          bootID: randomUid(lab.random),
          containerRuntimeVersion: machine.runtime,
          kernelVersion: machine.kernel,
          kubeProxyVersion: lab.settings.version.startsWith('v1.20') ? lab.settings.version : '',
          kubeletVersion: lab.settings.version,
          machineID,
          operatingSystem: 'linux',
          osImage: machine.osImage,
          systemUUID: randomUid(lab.random),
        },
      },
    },
    after,
  )
  const stored = lab.store.get('nodes', null, node.name)
  seeder.create(
    'leases.coordination.k8s.io',
    {
      metadata: {
        name: node.name,
        namespace: 'kube-node-lease',
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid: stored?.metadata.uid ?? '' }],
      },
      spec: { holderIdentity: node.name, leaseDurationSeconds: 40, renewTime: microTimestamp(lab.clock.now() - 1000 - index * 2100) },
    },
    after,
  )
}
