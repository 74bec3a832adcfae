/** The files that kubelet and runtime put into a container: its names, its termination message, its volumes. */
import { CLUSTER_DNS, searchDomains } from '../machinery/dns.ts'
import { serviceAccountToken } from '../machinery/service-account-token.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { ContainerFiles } from './image.ts'
import { type File, makeFile, textOf } from './kernel/files.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { fieldValue, resourceValue } from './pod-spec.ts'

const LONGEST_MESSAGE = 4096
/** How much of the log stands for a message that is missing. */
const MESSAGE_LINES = 80
const MESSAGE_BYTES = 2048

export function nameserverOf(runtime: NodeRuntime): string {
  return runtime.context.store.get('services', 'kube-system', 'kube-dns')?.spec.clusterIP ?? CLUSTER_DNS
}

export function containerFiles(
  runtime: NodeRuntime,
  pod: KubeObject,
  record: ContainerRecord,
  sandbox: Sandbox,
  hostname: string,
): ContainerFiles {
  const { context } = runtime
  const { clock, store } = context
  const terminationLog: File = makeFile('', clock.now(), 0o666)
  record.terminationLog = terminationLog
  const volumes: { name: string }[] = pod.spec.volumes ?? []
  const wanted: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[] = record.spec['volumeMounts'] ?? []
  const facts = { podIP: sandbox.ip, hostIP: runtime.address }
  return {
    managed: {
      '/etc/hostname': `${hostname}\n`,
      '/etc/hosts': hostsFile(pod, sandbox, hostname, runtime),
      '/etc/resolv.conf': resolverFile(pod, runtime),
    },
    terminationLog,
    terminationLogPath: record.spec['terminationMessagePath'] ?? '/dev/termination-log',
    mounts: wanted.flatMap(({ name, mountPath, subPath, readOnly = false }) => {
      const volume = volumes.find((each) => each.name === name)
      return volume ? { mountPath, volume, subPath: subPath ?? '', readOnly } : []
    }),
    facts: {
      store,
      pod,
      now: () => clock.now(),
      token: () => tokenOf(runtime, pod),
      field: (path) => fieldValue(pod, path, facts),
      resource: (reference) => resourceValue(pod, record.spec, reference),
      shared: sandbox.volumes,
    },
  }
}

function hostsFile(pod: KubeObject, { ip }: Sandbox, hostname: string, runtime: NodeRuntime): string {
  const { spec, metadata } = pod
  if (spec.hostNetwork) {
    const others = runtime.context.preset.nodes.map(({ name, address }) => `${address}\t${name}\n`).join('')
    return `# Kubernetes-managed hosts file (host network).\n127.0.0.1\tlocalhost\n${others}`
  }
  const long = spec.subdomain ? `${hostname}.${spec.subdomain}.${metadata.namespace}.svc.cluster.local\t` : ''
  const fixed =
    '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n'
  const aliases: { ip: string; hostnames: string[] }[] = spec.hostAliases ?? []
  const added =
    aliases.length > 0
      ? `\n# Entries added by HostAliases.\n${aliases.map((each) => `${[each.ip, ...each.hostnames].join('\t')}\n`).join('')}`
      : ''
  return `# Kubernetes-managed hosts file.\n${fixed}${ip}\t${long}${hostname}\n${added}`
}

function resolverFile(pod: KubeObject, runtime: NodeRuntime): string {
  const { dnsPolicy = 'ClusterFirst', hostNetwork, dnsConfig } = pod.spec
  const cluster = dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork)
  const servers: string[] = [
    ...(cluster ? [nameserverOf(runtime)] : dnsPolicy === 'None' ? [] : ['192.168.1.254']),
    ...(dnsConfig?.nameservers ?? []),
  ]
  const search: string[] = [...(cluster ? searchDomains(pod.metadata.namespace ?? '') : []), ...(dnsConfig?.searches ?? [])]
  const own: { name: string; value?: string }[] = dnsConfig?.options ?? []
  const options = [
    ...(cluster && !own.some(({ name }) => name === 'ndots') ? ['ndots:5'] : []),
    ...own.map(({ name, value }) => (value === undefined ? name : `${name}:${value}`)),
  ]
  return `${search.length > 0 ? `search ${search.join(' ')}\n` : ''}${servers.map((server) => `nameserver ${server}\n`).join('')}${options.length > 0 ? `options ${options.join(' ')}\n` : ''}`
}

/** What the container left as its last word; undefined where it left none. */
export function terminationMessage(record: ContainerRecord, exitCode: number): string | undefined {
  const { terminationLog, log, spec } = record
  const text = terminationLog ? textOf(terminationLog) : ''
  if (text !== '') return text.slice(0, LONGEST_MESSAGE)
  if (spec['terminationMessagePolicy'] !== 'FallbackToLogsOnError' || exitCode === 0) return undefined
  const lines = (log?.lines ?? []).slice(-MESSAGE_LINES).map((line) => `${line.text}\n`)
  return lines.length > 0 ? lines.join('').slice(-MESSAGE_BYTES) : undefined
}

const TOKEN_LASTS = 3607

function tokenOf({ context }: NodeRuntime, pod: KubeObject): string {
  const account = context.store.get('serviceaccounts', pod.metadata.namespace ?? '', pod.spec.serviceAccountName ?? 'default')
  if (!account) return ''
  const bound = { kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid }
  return serviceAccountToken(account, Math.floor(context.clock.now() / 1000), { lasts: TOKEN_LASTS, bound })
}
