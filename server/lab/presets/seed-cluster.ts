/** Puts a preset's cluster into an empty store, settled: everything runs, nothing is left to do for any controller. */
import { minorVersion } from '../resources/kit/version.ts'
import { ROOT_CERTIFICATES, rootCertificates } from '../machinery/root-ca.ts'
import { seedControlPlaneAccounts } from './control-plane-accounts.ts'
import type { ClusterData } from './data.ts'
import { seedNode } from './nodes.ts'
import type { SeedContext } from './preset.ts'
import { seedStaticPod } from './control-plane.ts'
import { Seeder } from './seeder.ts'
import { seedDnsService } from './services.ts'
import { type Addresses, seedWorkload } from './workloads.ts'

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

export function seedCluster(lab: SeedContext, data: ClusterData): void {
  const seeder = new Seeder(lab, data.age)
  const { nodes } = lab.preset
  for (const name of NAMESPACES) seeder.create('namespaces', { metadata: { name } }, 0, 'kube-apiserver')
  for (const namespace of NAMESPACES) seedNamespaceContent(seeder, namespace)
  seedControlPlaneAccounts(seeder)
  for (const { spec } of data.workloads) {
    const account: string | undefined = spec['serviceAccountName']
    if (account) seeder.create('serviceaccounts', { metadata: { name: account, namespace: 'kube-system' } }, 8000)
  }
  nodes.forEach((node, index) => seedNode(seeder, data, node, index))
  const controlPlane = nodes.find(({ controlPlane: isControlPlane }) => isControlPlane)
  if (controlPlane) for (const pod of data.staticPods) seedStaticPod(seeder, pod, controlPlane)
  const addresses: Addresses = new Map()
  for (const workload of data.workloads) seedWorkload(seeder, data, workload, nodes, addresses)
  if (lab.preset.installer === 'kubeadm') {
    seedDnsService(seeder)
    seedConfig(seeder)
  }
  seedImages(seeder, data)
}

function seedNamespaceContent(seeder: Seeder, namespace: string): void {
  const { settings } = seeder.lab
  seeder.create('serviceaccounts', { metadata: { name: 'default', namespace } }, 7000, 'kube-controller-manager')
  if (minorVersion(settings) < 20) return
  const { annotations, data } = rootCertificates(settings)
  seeder.create(
    'configmaps',
    { metadata: { name: ROOT_CERTIFICATES, namespace, ...(annotations ? { annotations } : {}) }, data },
    7000,
    'kube-controller-manager',
  )
}

/** What kubeadm leaves in kube-system and kube-public. */
function seedConfig(seeder: Seeder): void {
  const { settings, preset } = seeder.lab
  const controlPlane = preset.nodes.find((node) => node.controlPlane)
  const corefile = `.:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    prometheus :9153\n    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    cache 30\n    loop\n    reload\n    loadbalance\n}\n`
  const cluster = `apiServer: {}\napiVersion: kubeadm.k8s.io/v1beta${minorVersion(settings) >= 31 ? 4 : 2}\nclusterName: kubernetes\nkind: ClusterConfiguration\nkubernetesVersion: ${settings.version}\nnetworking:\n  dnsDomain: cluster.local\n  podSubnet: ${settings.podCidr}\n  serviceSubnet: ${settings.serviceCidr}\n`
  const proxy = `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nbindAddress: 0.0.0.0\nclusterCIDR: ${settings.podCidr}\nkind: KubeProxyConfiguration\nmode: ""\n`
  const kubeconfig = `apiVersion: v1\nclusters:\n- cluster:\n    server: https://${controlPlane?.address ?? '127.0.0.1'}:6443\n  name: ""\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: null\n`
  const map = (name: string, content: Record<string, string>, namespace = 'kube-system', labels?: Record<string, string>): void => {
    seeder.create('configmaps', { metadata: { name, namespace, ...(labels ? { labels } : {}) }, data: content }, 8000)
  }
  map('coredns', { Corefile: corefile })
  map('kubeadm-config', { ClusterConfiguration: cluster })
  map('kube-proxy', { 'config.conf': proxy }, 'kube-system', { app: 'kube-proxy' })
  map('calico-config', { calico_backend: 'bird', typha_service_name: 'none', veth_mtu: '0' })
  map('cluster-info', { kubeconfig }, 'kube-public')
}

/** Every node reports the images of its pods and those that came with it. */
function seedImages(seeder: Seeder, data: ClusterData): void {
  const { store, preset } = seeder.lab
  for (const { name } of preset.nodes) {
    const own = store
      .list('pods', 'kube-system')
      .filter(({ spec }) => spec.nodeName === name)
      .flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])].map(({ image }) => image as string))
    const images = [...new Set([...own, ...data.images])].map((image) => ({ names: [image], sizeBytes: 0 }))
    store.mutate('nodes', null, name, (node) => void (node.status.images = images), { subresource: 'status' })
  }
}
