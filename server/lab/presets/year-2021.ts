/** The speaker's lab as the source document had it: Kubernetes 1.20.1, Docker, CentOS 7, Calico 3.17. */
import { calicoControllers, calicoNode, controlPlane, coreDns, kubeProxy } from './addons.ts'
import type { ClusterData } from './data.ts'
import { labMachines, labNodes } from './lab-nodes.ts'
import type { Preset } from './preset.ts'
import { seedCluster } from './seed-cluster.ts'

const VERSION = 'v1.20.1'
const REGISTRY = 'k8s.gcr.io'
const TAINT = 'node-role.kubernetes.io/master'
const nodes = labNodes()

const data: ClusterData = {
  age: (5 * 24 + 3) * 3600_000,
  machine: {
    osImage: 'CentOS Linux 7 (Core)',
    kernel: '3.10.0-1127.19.1.el7.x86_64',
    runtime: 'docker://19.3.14',
    cpu: '2',
    memory: '2014716Ki',
    ephemeralStorage: '39298Mi',
  },
  network: 'calico',
  nodesAfter: 0,
  joinInterval: 95_000,
  controlPlaneLabels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/master': '' },
  controlPlaneTaint: TAINT,
  nodeAnnotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': '/var/run/dockershim.sock' },
  workloads: [
    calicoNode('calico/node:v3.17.1', 'calico/cni:v3.17.1'),
    calicoControllers('calico/kube-controllers:v3.17.1', TAINT),
    coreDns(`${REGISTRY}/coredns:1.7.0`, TAINT),
    kubeProxy(`${REGISTRY}/kube-proxy:${VERSION}`),
  ],
  staticPods: controlPlane(REGISTRY, VERSION, '3.4.13-0', nodes[0]?.address ?? ''),
  images: [`${REGISTRY}/pause:3.2`],
}

export const year2021: Preset = {
  name: '2021',
  settings: { version: VERSION, serviceCidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, podCidr: '172.16.0.0/16' },
  metallb: 'v0.9.6',
  nodes,
  installer: 'kubeadm',
  registry: 'docker-hub',
  kubelet: { cgroups: 'v1', enforcesAllocatable: true, reboots: true },
  machines: labMachines,
  nodeMonitorGracePeriod: 40_000,
  seed: (lab) => seedCluster(lab, data),
}
