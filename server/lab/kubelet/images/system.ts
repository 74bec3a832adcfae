/** The images of the cluster's own pods: they run for ever, listen where the real ones do, and end on SIGTERM. */
import type { ContainerContext, ContainerImage, RunningContainer } from '../image.ts'

const OK = (): { status: number; headers: Record<string, string>; body: string } => ({
  status: 200,
  headers: { 'content-type': 'text/plain' },
  body: 'ok',
})

function daemon(
  names: string[],
  tags: string[],
  megabytes: number,
  ports: number[],
  starts: (context: ContainerContext) => string[] = () => [],
): ContainerImage {
  return {
    names,
    tags,
    size: Math.round(megabytes * 1_000_000),
    pullTime: Math.round(600 + megabytes * 25),
    start(context): RunningContainer {
      for (const line of starts(context)) context.log(line)
      for (const port of ports) context.listen({ port, handle: OK })
      return { terminate: () => context.exit(0), dispose() {} }
    },
  }
}

/** An init container that does its work and ends. */
function once(names: string[], tags: string[], megabytes: number): ContainerImage {
  return {
    names,
    tags,
    size: Math.round(megabytes * 1_000_000),
    pullTime: Math.round(600 + megabytes * 25),
    start(context) {
      const timer = context.clock.after(150, () => context.exit(0))
      return { terminate: () => context.exit(143), dispose: () => timer.cancel() }
    },
  }
}

const KUBERNETES = ['v1.35.4', 'v1.20.1']
const CALICO = ['v3.31.3', 'v3.17.1']

export const systemImages: ContainerImage[] = [
  daemon(['registry.k8s.io/pause', 'k8s.gcr.io/pause'], ['3.10.1', '3.2'], 0.3, []),
  daemon(['registry.k8s.io/coredns/coredns', 'k8s.gcr.io/coredns'], ['v1.13.1', '1.7.0'], 23.5, [53, 8080, 8181, 9153], () => [
    '.:53',
    '[INFO] plugin/reload: Running configuration SHA512 = 591cf328cccc12bc490481273e738df59329c62c0b729d94e8b61db9961c2fa5',
    'CoreDNS-1.13.1',
    'linux/amd64, go1.25.2, 1db4568',
  ]),
  daemon(['registry.k8s.io/etcd', 'k8s.gcr.io/etcd'], ['3.6.6-0', '3.4.13-0'], 62.5, [2379, 2380, 2381]),
  daemon(['registry.k8s.io/kube-apiserver', 'k8s.gcr.io/kube-apiserver'], KUBERNETES, 27.7, [6443]),
  daemon(['registry.k8s.io/kube-controller-manager', 'k8s.gcr.io/kube-controller-manager'], KUBERNETES, 23.1, [10257]),
  daemon(['registry.k8s.io/kube-scheduler', 'k8s.gcr.io/kube-scheduler'], KUBERNETES, 17.2, [10259]),
  daemon(['registry.k8s.io/kube-proxy', 'k8s.gcr.io/kube-proxy'], KUBERNETES, 25.8, [10249]),
  daemon(['quay.io/calico/node', 'calico/node'], CALICO, 160, [9099, 9098]),
  daemon(['quay.io/calico/kube-controllers', 'calico/kube-controllers'], CALICO, 54, [9094]),
  once(['quay.io/calico/cni', 'calico/cni'], CALICO, 72),
  once(['calico/pod2daemon-flexvol'], CALICO, 22),
]
