/** The kubelets of all nodes, and what the API server and the network ask them. */
import type { LabContext } from '../context.ts'
import type { PodRuntime } from '../contracts/pod-runtime.ts'
import { attachTo } from './attach.ts'
import { storeFor } from '../machinery/managed-store.ts'
import type { Disposable } from '../store/store.ts'
import type { KubeletContext } from './context.ts'
import { execFailure, NO_PROCESS } from './exec.ts'
import { Kubelet } from './kubelet.ts'
import { logOf } from './kept-logs.ts'
import { forwardTo } from './port-forward.ts'

/** Starts a kubelet on every node of the preset that is switched on, and sets `lab.runtime`. */
export function startKubelets(lab: KubeletContext & Pick<LabContext, 'runtime'>): Disposable {
  // the lab's own members stay visible as they change: the network comes later
  const context: KubeletContext = Object.assign(Object.create(lab) as KubeletContext, { store: storeFor(lab.store, 'kubelet') })
  const kubelets = new Map(lab.preset.nodes.map((node) => [node.name, new Kubelet(context, node)]))
  const find = (namespace: string, name: string) => {
    const pod = lab.store.get('pods', namespace, name)
    return pod && kubelets.get(pod.spec.nodeName)?.worker(pod.metadata.uid)
  }
  const runtime: PodRuntime = {
    log(namespace, pod, container, previous) {
      const record = find(namespace, pod)?.records.find(({ spec }) => spec.name === container)
      return record && logOf(record, lab.store.get('pods', namespace, pod), previous)
    },
    refuses(namespace, pod, container, { attach, tty, stderr }) {
      const record = find(namespace, pod)?.records.find(({ spec }) => spec.name === container)
      // kubelets ask the runtime for what runs
      if (!record?.running) {
        return { words: attach ? `container ${container} not found in pod ${pod}_${namespace}` : `container not found ("${container}")` }
      }
      if (!attach) return null
      // a terminal has no standard error of its own
      return record.spec.tty === true && !tty && stderr ? 'silent' : null
    },
    exec(namespace, pod, container, argv, tty, output) {
      const record = find(namespace, pod)?.records.find(({ spec }) => spec.name === container)
      if (!record?.running) return NO_PROCESS
      // as the kubelet's and the runtime's streaming servers hand an error on
      const into = {
        ...output,
        fail: (message: string) => output.fail(`error executing command in container: ${message}`),
      }
      if (!record.running.exec) {
        into.fail(execFailure(lab.random, `exec: "${argv[0]}": executable file not found in $PATH`))
        return NO_PROCESS
      }
      return record.running.exec(argv, tty, into)
    },
    attach(namespace, pod, container, stdin, output) {
      const record = find(namespace, pod)?.records.find(({ spec }) => spec.name === container)
      return record ? attachTo(record, stdin, output) : NO_PROCESS
    },
    forward(namespace, pod, port, connection) {
      const worker = find(namespace, pod)
      return worker ? forwardTo(worker, port, connection) : `pod ${JSON.stringify(pod)} not found`
    },
    listener: (namespace, pod, port) => find(namespace, pod)?.sandbox?.listeners.get(port),
    ports: (namespace, pod) => [...(find(namespace, pod)?.sandbox?.listeners.keys() ?? [])],
  }
  lab.runtime = runtime
  return {
    dispose() {
      for (const kubelet of kubelets.values()) kubelet.dispose()
    },
  }
}
