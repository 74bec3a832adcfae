/** The nodes of a preset, as their kubelets registered them and their installers and controllers dressed them, with their Leases. */
import { minorVersion } from '../resources/kit/version.ts'
import { microTimestamp, randomHex, randomUid } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { ClusterData, NodeData } from './data.ts'
import type { PresetNode } from './preset.ts'
import type { Seeder } from './seeder.ts'

/** A kubelet makes its Lease some time after its node: until then the node has none. ms */
const LEASE_AFTER = 10_000

/** How often a kubelet has renewed the node's Lease and reported its status until the lab starts, ms. */
const LEASE_INTERVAL = 10_000
const STATUS_INTERVAL = 300_000

export function joinedAfter(data: ClusterData, index: number): number {
  return data.nodesAfter + index * data.joinInterval
}

export function seedNode(seeder: Seeder, data: ClusterData, node: PresetNode, index: number): void {
  const after = joinedAfter(data, index)
  register(seeder, data, node, after)
  dress(seeder, data, node, after)
  const readyAfter = after + (data.network ? 24_000 : 1000)
  reportReady(seeder, data, node, index, readyAfter)
  seedVolumeDrivers(seeder, node, after)
  if (seeder.installedAt + after + LEASE_AFTER <= seeder.lab.clock.now()) seedLease(seeder, node, index, after)
}

/** The node as its kubelet registers it: not ready yet. */
function register(seeder: Seeder, data: ClusterData, node: PresetNode, after: number): void {
  const { lab } = seeder
  const { machine } = data
  const began = seeder.time(after)
  const id = machine.id ?? randomHex(lab.random, 32)
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
        },
        annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
      },
      spec: {},
      status: {
        addresses: [
          { address: node.address, type: 'InternalIP' },
          { address: node.name, type: 'Hostname' },
        ],
        allocatable: resources(machine, true),
        capacity: resources(machine, false),
        conditions: conditions(began, began, false),
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        images: [],
        nodeInfo: {
          architecture: 'amd64',
          bootID: machine.boot ?? randomUid(lab.random),
          containerRuntimeVersion: machine.runtime,
          kernelVersion: machine.kernel,
          kubeProxyVersion: lab.settings.version.startsWith('v1.20') ? lab.settings.version : '',
          kubeletVersion: lab.settings.version,
          machineID: id,
          operatingSystem: 'linux',
          osImage: machine.osImage,
          // a machine without a serial number of its own is known by its id
          systemUUID: machine.id ?? randomUid(lab.random),
        },
      },
    },
    after,
    'kubelet',
  )
}

function resources(machine: NodeData, allocatable: boolean): object {
  const storage = machine.ephemeralStorage
  return {
    cpu: machine.cpu,
    ...(storage === null
      ? {}
      : { 'ephemeral-storage': allocatable ? String(Math.floor(Number.parseInt(storage, 10) * 1024 * 0.9)) : storage }),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    // what is kept back for evictions: 100 MiB by default, and nothing where no storage is counted either
    memory: allocatable && storage !== null ? `${Number.parseInt(machine.memory, 10) - 102_400}Ki` : machine.memory,
    pods: '110',
  }
}

/** What others put on the node: the controllers, whoever installed it, its network. */
function dress(seeder: Seeder, data: ClusterData, node: PresetNode, after: number): void {
  const { installer } = seeder.lab.preset
  const write = (fieldManager: string, change: (node: KubeObject) => void): void => {
    seeder.lab.store.mutate('nodes', null, node.name, change, { fieldManager, at: seeder.installedAt + after })
  }
  write('kube-controller-manager', ({ metadata, spec }) => {
    Object.assign(metadata.annotations ?? {}, { 'node.alpha.kubernetes.io/ttl': '0' })
    if (data.network) Object.assign(spec, { podCIDR: node.podCidr, podCIDRs: [node.podCidr] })
  })
  write(installer ?? 'kubectl-label', ({ metadata }) => {
    if (node.controlPlane) Object.assign(metadata.labels ?? {}, data.controlPlaneLabels)
    Object.assign(metadata.annotations ?? {}, data.nodeAnnotations)
  })
  if (node.controlPlane) {
    write(installer ?? 'kubectl-taint', ({ spec }) => void (spec.taints = [{ effect: 'NoSchedule', key: data.controlPlaneTaint }]))
  }
  if (data.network !== 'calico') return
  write('calico-node', ({ metadata }) =>
    Object.assign(metadata.annotations ?? {}, {
      'projectcalico.org/IPv4Address': `${node.address}/24`,
      'projectcalico.org/IPv4IPIPTunnelAddr': node.podCidr.replace(/\d+\/24$/, '1'),
    }),
  )
}

function reportReady(seeder: Seeder, data: ClusterData, node: PresetNode, index: number, readyAfter: number): void {
  const { lab } = seeder
  const began = seeder.time(joinedAfter(data, index))
  const ready = seeder.time(readyAfter)
  // the last of the reports that come every five minutes
  const last = Math.max(lab.clock.now() - ((5000 + index * 7000) % STATUS_INTERVAL), seeder.installedAt + readyAfter)
  const heartbeat = new Date(last).toISOString().replace(/\.\d+Z$/, 'Z')
  const report = (fieldManager: string, change: (status: KubeObject['status']) => void): void => {
    lab.store.mutate('nodes', null, node.name, ({ status }) => change(status), {
      fieldManager,
      subresource: 'status',
      at: seeder.installedAt + readyAfter,
    })
  }
  if (data.network === 'calico') {
    report('calico-node', (status) =>
      status.conditions.unshift({
        lastHeartbeatTime: ready,
        lastTransitionTime: ready,
        message: 'Calico is running on this node',
        reason: 'CalicoIsUp',
        status: 'False',
        type: 'NetworkUnavailable',
      }),
    )
  }
  report('kubelet', (status) => {
    const others = status.conditions.filter(({ type }: { type: string }) => type === 'NetworkUnavailable')
    status.conditions = [...others, ...conditions(heartbeat, began, true, ready)]
  })
}

/** What a kubelet says of its node. */
function conditions(heartbeat: string, since: string, ready: boolean, readySince = since): object[] {
  return [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available', since],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure', since],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available', since],
    ready
      ? ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', readySince]
      : ['Ready', 'False', 'KubeletNotReady', 'container runtime network not ready: cni plugin not initialized', since],
  ].map(([type, status, reason, message, lastTransitionTime]) => ({
    lastHeartbeatTime: heartbeat,
    lastTransitionTime,
    message,
    reason,
    status,
    type,
  }))
}

/** In-tree volumes that a kubelet hands over to drivers, since the minor version at which the last of them went over. */
const MIGRATED =
  'kubernetes.io/aws-ebs,kubernetes.io/azure-disk,kubernetes.io/azure-file,kubernetes.io/cinder,kubernetes.io/gce-pd,kubernetes.io/portworx-volume,kubernetes.io/vsphere-volume'
const MIGRATED_SINCE = 33

/** The node's list of storage drivers: none. */
function seedVolumeDrivers(seeder: Seeder, node: PresetNode, after: number): void {
  const { store, settings } = seeder.lab
  if (!store.definition('csinodes.storage.k8s.io')) return
  const annotations = minorVersion(settings) >= MIGRATED_SINCE ? { 'storage.alpha.kubernetes.io/migrated-plugins': MIGRATED } : undefined
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'Node', name: node.name, uid: store.get('nodes', null, node.name)?.metadata.uid ?? '' },
  ]
  const metadata = { name: node.name, ...(annotations ? { annotations } : {}), ownerReferences }
  seeder.create('csinodes.storage.k8s.io', { metadata, spec: { drivers: null } }, after, 'kubelet')
}

function seedLease(seeder: Seeder, node: PresetNode, index: number, after: number): void {
  const { clock, store } = seeder.lab
  seeder.create(
    'leases.coordination.k8s.io',
    {
      metadata: {
        name: node.name,
        namespace: 'kube-node-lease',
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: node.name, uid: store.get('nodes', null, node.name)?.metadata.uid ?? '' },
        ],
      },
      spec: {
        holderIdentity: node.name,
        leaseDurationSeconds: 40,
        renewTime: microTimestamp(clock.now() - ((1000 + index * 2100) % LEASE_INTERVAL)),
      },
    },
    after,
    'kubelet',
  )
}
