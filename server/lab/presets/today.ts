/** The speaker's lab as one builds it today: Kubernetes 1.35, containerd, Ubuntu, Calico 3.31. */
import { calicoControllers, calicoNode, controlPlane, coreDns, kubeProxy } from './addons.ts'
import type { ClusterData } from './data.ts'
import { labMachines, labNodes } from './lab-nodes.ts'
import type { Preset } from './preset.ts'
import { seedCluster } from './seed-cluster.ts'

const VERSION = 'v1.35.4'
const REGISTRY = 'registry.k8s.io'
const TAINT = 'node-role.kubernetes.io/control-plane'
const nodes = labNodes()

const data: ClusterData = {
  age: (5 * 24 + 3) * 3600_000,
  machine: {
    osImage: 'Ubuntu 24.04.3 LTS',
    kernel: '6.8.0-88-generic',
    runtime: 'containerd://1.7.28',
    cpu: '2',
    memory: '4005836Ki',
    ephemeralStorage: '31811408Ki',
  },
  network: 'calico',
  nodesAfter: 0,
  joinInterval: 95_000,
  controlPlaneLabels: {
    'node-role.kubernetes.io/control-plane': '',
    // MetalLB 0.14 and later announce nothing from such a node
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  },
  controlPlaneTaint: TAINT,
  nodeAnnotations: {},
  workloads: [
    calicoNode('quay.io/calico/node:v3.31.3', 'quay.io/calico/cni:v3.31.3'),
    calicoControllers('quay.io/calico/kube-controllers:v3.31.3', TAINT),
    coreDns(`${REGISTRY}/coredns/coredns:v1.13.1`, TAINT),
    kubeProxy(`${REGISTRY}/kube-proxy:${VERSION}`),
  ],
  staticPods: controlPlane(REGISTRY, VERSION, '3.6.6-0', nodes[0]?.address ?? ''),
  images: [`${REGISTRY}/pause:3.10.1`],
}

export const today: Preset = {
  name: 'today',
  settings: { version: VERSION, serviceCidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, podCidr: '172.16.0.0/16' },
  metallb: 'v0.15.3',
  nodes,
  installer: 'kubeadm',
  registry: 'docker-hub',
  kubelet: { cgroups: 'v2', enforcesAllocatable: true, reboots: true },
  machines: labMachines,
  // 50 s from 1.32 on
  nodeMonitorGracePeriod: 50_000,
  seed: (lab) => seedCluster(lab, data),
}
