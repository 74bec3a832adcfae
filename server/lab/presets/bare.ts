/**
 * A bare cluster without add-ons, just started: Kubernetes 1.35, each part started by hand on one machine, plain bridges and routes between the pods, no
 * DNS, kube-proxy as a process. It is the shape of the real cluster that the lab is compared with.
 */
import type { ClusterData } from './data.ts'
import { labNodes } from './lab-nodes.ts'
import { localMachine } from './local-machine.ts'
import type { Preset } from './preset.ts'
import { seedCluster } from './seed-cluster.ts'
import { today } from './today.ts'

const TAINT = 'node-role.kubernetes.io/control-plane'
const nodes = labNodes()
const { cgroups, ...machine } = localMachine()

const data: ClusterData = {
  age: 8_000,
  machine: { ...machine, runtime: 'containerd://1.6.20', cpu: '2', memory: '24684092Ki', ephemeralStorage: null },
  network: null,
  // once the control plane is up
  nodesAfter: 7_000,
  joinInterval: 0,
  controlPlaneLabels: {
    'node-role.kubernetes.io/control-plane': '',
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  },
  controlPlaneTaint: TAINT,
  nodeAnnotations: {},
  workloads: [],
  staticPods: [],
  images: [],
}

export const bare: Preset = {
  ...today,
  name: 'bare',
  nodes,
  installer: null,
  registry: 'comparison',
  kubelet: { cgroups, enforcesAllocatable: false, reboots: false },
  seed: (lab) => seedCluster(lab, data),
}
