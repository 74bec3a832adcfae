/** A lab without API server, controllers and kubelets: a store, machines and a network on a clock that a test moves. */
import { createAdmissionRegistry } from '../../../server/lab/admission.ts'
import { ManualClock } from '../../../server/lab/clock.ts'
import type { LabClock } from '../../../server/lab/clock.ts'
import type { LabContext } from '../../../server/lab/context.ts'
import type { NetworkEvent, NetworkOutcome, NetworkRequest, RequestSource } from '../../../server/lab/contracts/network.ts'
import type { ContainerContext, ContainerImage, RunningContainer } from '../../../server/lab/kubelet/image.ts'
import type { Listener } from '../../../server/lab/contracts/http.ts'
import { createNetwork } from '../../../server/lab/network/create-network.ts'
import { createNodePower } from '../../../server/lab/power.ts'
import { createRandom } from '../../../server/lab/random.ts'
import type { KubeObject } from '../../../server/lab/resources/definition.ts'
import { builtinResources } from '../../../server/lab/resources/index.ts'
import { createStore } from '../../../server/lab/store/create-store.ts'

const NODES = ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'].map((name, i) => ({
  name,
  address: i === 0 ? '192.168.1.10' : `192.168.1.10${i}`,
  controlPlane: i === 0,
  podCidr: `172.16.${i}.0/24`,
}))

interface Endpoint {
  pod: string
  node: string
  address: string
  ready?: boolean
}

export class FakeLab {
  readonly clock: ManualClock
  readonly lab: LabContext
  readonly events: NetworkEvent[] = []
  readonly faults: unknown[] = []
  readonly logs: string[] = []
  private readonly listeners = new Map<string, Listener>()
  private readonly containers = new Map<string, RunningContainer>()

  /** `clock`: one that runs by itself, instead of one that the test moves. */
  constructor(seed = 1, version = 'v1.35.4', clock?: LabClock) {
    this.clock = (clock as never) ?? new ManualClock()
    const settings = { version, serviceCidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, podCidr: '172.16.0.0/16' }
    const random = createRandom(seed)
    const onFault = (error: unknown): void => void this.faults.push(error)
    const store = createStore({ definitions: builtinResources(settings), settings, now: () => this.clock.now(), random, onFault })
    this.lab = {
      clock: this.clock as never,
      store,
      settings,
      preset: {
        name: 'test',
        settings,
        metallb: null,
        nodes: NODES,
        installer: 'kubeadm',
        registry: 'docker-hub',
        kubelet: { cgroups: 'v2', enforcesAllocatable: true, reboots: true },
        machines: { least: 0, most: 0, of: () => NODES },
        nodeMonitorGracePeriod: 50_000,
        seed: () => {},
      },
      startedAt: this.clock.now(),
      random,
      admission: createAdmissionRegistry(),
      power: createNodePower(() => this.clock.now()),
      runtime: {
        listener: (namespace: string, pod: string, port: number) => this.listeners.get(`${namespace}/${pod}:${port}`),
        ports: (namespace: string, pod: string) =>
          [...this.listeners].flatMap(([key, { port }]) => (key.startsWith(`${namespace}/${pod}:`) ? port : [])),
      } as never,
      fault: onFault,
      reset: async () => {},
      onDispose: () => ({ dispose: () => {} }),
    }
    createNetwork(this.lab)
    this.lab.network?.onEvent((event) => this.events.push(event))
    for (const name of ['default', 'metallb-system']) {
      store.create('namespaces', { metadata: { name } })
      store.create('serviceaccounts', { metadata: { name: 'default', namespace: name } })
    }
    for (const { name, address } of NODES)
      store.create('nodes', {
        metadata: { name, labels: {} },
        status: { addresses: [{ type: 'InternalIP', address }], conditions: [{ type: 'Ready', status: 'True' }] },
      })
    this.lab.power.onChange((node, on) => {
      if (on) return
      for (const [key, container] of this.containers)
        if (key.endsWith(`@${node}`)) {
          this.containers.delete(key)
          container.dispose()
        }
    })
  }

  /** A pod that runs and answers its own name at port 80. */
  pod(
    name: string,
    node: string,
    address: string,
    options: { hostNetwork?: boolean; port?: number; namespace?: string; broken?: boolean } = {},
  ): KubeObject {
    const { namespace = 'default', port = 80, hostNetwork = false, broken = false } = options
    const { store } = this.lab
    store.create('pods', {
      metadata: { name, namespace },
      spec: { nodeName: node, hostNetwork, containers: [{ name: 'c', image: 'sysnet4admin/echo-hname' }] },
    })
    this.listeners.set(`${namespace}/${name}:${port}`, {
      port,
      handle: ({ from }) => {
        if (broken) throw new Error('this pod breaks every connection')
        return { status: 200, headers: { from }, body: `${name}\n` }
      },
    })
    return store.mutate('pods', namespace, name, (pod) => void (pod.status = { phase: 'Running', podIP: address }), {
      subresource: 'status',
    }) as KubeObject
  }

  /** A service with its endpoints as the controllers would make them. */
  service(name: string, spec: Record<string, unknown>, endpoints: Endpoint[], ingress: string[] = []): void {
    const { store } = this.lab
    store.create('services', {
      metadata: { name, namespace: 'default' },
      spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
    })
    if (ingress.length > 0) this.setIngress(name, ingress)
    store.create('endpointslices.discovery.k8s.io', {
      metadata: { name: `${name}-slice`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: endpointsOf(endpoints),
    })
    this.clock.forward(2_000)
  }

  /** The cluster's DNS, as the presets with CoreDNS have it. */
  dns(ready = true): void {
    const { store } = this.lab
    store.create('namespaces', { metadata: { name: 'kube-system' } })
    store.create('services', {
      metadata: { name: 'kube-dns', namespace: 'kube-system' },
      spec: { clusterIP: '10.96.0.10', ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
    })
    store.create('endpointslices.discovery.k8s.io', {
      metadata: { name: 'kube-dns-slice', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
      endpoints: ready ? [{ addresses: ['172.16.3.2'], conditions: { ready: true } }] : [],
    })
  }

  setEndpoints(name: string, endpoints: Endpoint[]): void {
    this.lab.store.mutate(
      'endpointslices.discovery.k8s.io',
      'default',
      `${name}-slice`,
      (slice) => void (slice.endpoints = endpointsOf(endpoints)),
    )
    this.clock.forward(2_000)
  }

  setIngress(name: string, ips: string[]): void {
    this.lab.store.mutate(
      'services',
      'default',
      name,
      (service) => void (service.status = { loadBalancer: { ingress: ips.map((ip) => ({ ip, ipMode: 'VIP' })) } }),
      { subresource: 'status' },
    )
  }

  /** What a request comes to, and after how many ms; null where it was given up after `patience` ms. */
  request(
    host: string,
    options: Partial<NetworkRequest> & { patience?: number; source?: RequestSource } = {},
  ): { outcome: NetworkOutcome | null; after: number } {
    const { patience = 3_000, source = { from: 'client' }, ...rest } = options
    const started = this.clock.now()
    const results: { outcome: NetworkOutcome | null; after: number }[] = []
    const sent = this.lab.network!.request(
      source,
      { host, port: 80, method: 'GET', path: '/', headers: {}, body: '', ...rest },
      (outcome) => void results.push({ outcome, after: this.clock.now() - started }),
    )
    while (results.length === 0 && this.clock.now() - started < patience) this.clock.forward(1)
    if (results.length === 0) sent.cancel()
    return results[0] ?? { outcome: null, after: patience }
  }

  /** Starts an image as the kubelet would, in a pod of metallb-system. */
  start(image: ContainerImage, name: string, node: string, tag: string, env: Record<string, string> = {}): RunningContainer {
    const { store, admission } = this.lab
    const pod =
      store.get('pods', 'metallb-system', name) ??
      store.create('pods', {
        metadata: { name, namespace: 'metallb-system' },
        spec: { nodeName: node, containers: [{ name, image: `${image.names[0]}:${tag}` }] },
      })
    const key = `${name}@${node}`
    const context: ContainerContext = {
      clock: this.clock,
      store,
      pod,
      container: {
        name,
        image: `${image.names[0]}:${tag}`,
        command: [],
        args: [],
        env,
        stdin: false,
        tty: false,
        workingDir: '',
        securityContext: {},
      },
      node,
      lan: this.lab.network!.lan(node),
      admission,
      hostname: name,
      log: (line) => void this.logs.push(line),
      write: (_stream, data) => void this.logs.push(data),
      files: null as never,
      names: null as never,
      listen: () => {},
      isListening: () => false,
      exit: () => this.containers.get(key)?.dispose(),
      request: () => ({ cancel() {} }),
      random: () => this.lab.random(),
    }
    const container = image.start(context)
    this.containers.set(key, container)
    return container
  }

  containerOn(name: string, node: string): RunningContainer {
    return this.containers.get(`${name}@${node}`) as RunningContainer
  }

  /** The events on a service: `Normal IPAllocated metallb-controller Assigned IP ["192.168.1.11"] x1`. */
  eventsOn(service: string): string[] {
    return this.lab.store
      .list('events', 'default')
      .filter((event) => event.involvedObject.name === service)
      .map(({ type, reason, source, message, count }) => `${type} ${reason} ${source.component} ${message} x${count}`)
  }
}

function endpointsOf(endpoints: Endpoint[]): object[] {
  return endpoints.map(({ pod, node, address, ready = true }) => ({
    addresses: [address],
    conditions: { ready, serving: ready, terminating: false },
    nodeName: node,
    targetRef: { kind: 'Pod', namespace: 'default', name: pod },
  }))
}
