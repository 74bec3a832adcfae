/** The add-ons of the speaker's lab, their versions left open: CoreDNS, kube-proxy, Calico. */
import type { StaticPodData, WorkloadData } from './data.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = Record<string, any>

export function coreDns(image: string, controlPlaneTaint: string): WorkloadData {
  return {
    name: 'coredns',
    kind: 'Deployment',
    labels: { 'k8s-app': 'kube-dns' },
    podLabels: { 'k8s-app': 'kube-dns' },
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
    spec: {
      containers: [
        {
          args: ['-conf', '/etc/coredns/Corefile'],
          image,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: {
            failureThreshold: 5,
            httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
            initialDelaySeconds: 60,
            timeoutSeconds: 5,
          },
          name: 'coredns',
          ports: [
            { containerPort: 53, name: 'dns', protocol: 'UDP' },
            { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
            { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
          ],
          readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' } },
          resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
          volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
        },
      ],
      dnsPolicy: 'Default',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'coredns',
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { effect: 'NoSchedule', key: controlPlaneTaint },
      ],
      volumes: [{ configMap: { items: [{ key: 'Corefile', path: 'Corefile' }], name: 'coredns' }, name: 'config-volume' }],
    },
  }
}

export function kubeProxy(image: string): WorkloadData {
  return {
    name: 'kube-proxy',
    kind: 'DaemonSet',
    labels: { 'k8s-app': 'kube-proxy' },
    podLabels: { 'k8s-app': 'kube-proxy' },
    spec: {
      containers: [
        {
          command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)'],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
          image,
          imagePullPolicy: 'IfNotPresent',
          name: 'kube-proxy',
          securityContext: { privileged: true },
          volumeMounts: [{ mountPath: '/var/lib/kube-proxy', name: 'kube-proxy' }],
        },
      ],
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'kube-proxy',
      tolerations: [{ operator: 'Exists' }],
      volumes: [{ configMap: { name: 'kube-proxy' }, name: 'kube-proxy' }],
    },
  }
}

export function calicoNode(node: string, cni: string): WorkloadData {
  const init = (name: string, command: string): Fields => ({
    command: [command],
    image: cni,
    imagePullPolicy: 'IfNotPresent',
    name,
    securityContext: { privileged: true },
  })
  return {
    name: 'calico-node',
    kind: 'DaemonSet',
    labels: { 'k8s-app': 'calico-node' },
    podLabels: { 'k8s-app': 'calico-node' },
    spec: {
      containers: [
        {
          env: [
            { name: 'DATASTORE_TYPE', value: 'kubernetes' },
            { name: 'NODENAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } },
            { name: 'CALICO_IPV4POOL_CIDR', value: '172.16.0.0/16' },
            { name: 'CALICO_IPV4POOL_IPIP', value: 'Always' },
          ],
          image: node,
          imagePullPolicy: 'IfNotPresent',
          name: 'calico-node',
          resources: { requests: { cpu: '250m' } },
          securityContext: { privileged: true },
        },
      ],
      hostNetwork: true,
      initContainers: [init('upgrade-ipam', '/opt/cni/bin/calico-ipam'), init('install-cni', '/opt/cni/bin/install')],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'calico-node',
      terminationGracePeriodSeconds: 0,
      tolerations: [
        { effect: 'NoSchedule', operator: 'Exists' },
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { effect: 'NoExecute', operator: 'Exists' },
      ],
    },
  }
}

export function calicoControllers(image: string, controlPlaneTaint: string): WorkloadData {
  return {
    name: 'calico-kube-controllers',
    kind: 'Deployment',
    labels: { 'k8s-app': 'calico-kube-controllers' },
    podLabels: { 'k8s-app': 'calico-kube-controllers' },
    strategy: { type: 'Recreate' },
    spec: {
      containers: [
        {
          env: [
            { name: 'ENABLED_CONTROLLERS', value: 'node' },
            { name: 'DATASTORE_TYPE', value: 'kubernetes' },
          ],
          image,
          imagePullPolicy: 'IfNotPresent',
          name: 'calico-kube-controllers',
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-cluster-critical',
      serviceAccountName: 'calico-kube-controllers',
      tolerations: [
        { key: 'CriticalAddonsOnly', operator: 'Exists' },
        { effect: 'NoSchedule', key: controlPlaneTaint },
      ],
    },
  }
}

/** The four static pods as kubeadm writes them. */
export function controlPlane(registry: string, version: string, etcd: string, address: string): StaticPodData[] {
  return [
    {
      component: 'etcd',
      image: `${registry}/etcd:${etcd}`,
      command: ['etcd', `--advertise-client-urls=https://${address}:2379`, '--data-dir=/var/lib/etcd', '--name=m-k8s'],
      cpu: '100m',
      memory: '100Mi',
      port: 2381,
      annotation: ['kubeadm.kubernetes.io/etcd.advertise-client-urls', `https://${address}:2379`],
    },
    {
      component: 'kube-apiserver',
      image: `${registry}/kube-apiserver:${version}`,
      command: ['kube-apiserver', `--advertise-address=${address}`, '--secure-port=6443', '--service-cluster-ip-range=10.96.0.0/12'],
      cpu: '250m',
      port: 6443,
      annotation: ['kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint', `${address}:6443`],
    },
    {
      component: 'kube-controller-manager',
      image: `${registry}/kube-controller-manager:${version}`,
      command: ['kube-controller-manager', '--allocate-node-cidrs=true', '--cluster-cidr=172.16.0.0/16', '--leader-elect=true'],
      cpu: '200m',
      port: 10257,
    },
    {
      component: 'kube-scheduler',
      image: `${registry}/kube-scheduler:${version}`,
      command: ['kube-scheduler', '--bind-address=127.0.0.1', '--leader-elect=true'],
      cpu: '100m',
      port: 10259,
    },
  ]
}
