/** Starting and ending one container of a pod: what the runtime does when the kubelet tells it to. */
import { randomHex, timestamp } from '../machinery/objects.ts'
import type { KubeObject } from '../resources/definition.ts'
import { LogBuffer } from './container-log.ts'
import { ContainerStreams } from './container-streams.ts'
import type { ContainerRecord, Sandbox } from './containers.ts'
import type { ContainerContext, ContainerFiles, ContainerNames, ContainerImage } from './image.ts'
import type { HostLan } from '../contracts/network.ts'
import type { Listener } from '../contracts/http.ts'
import { containerFiles, nameserverOf, terminationMessage } from './container-files.ts'
import { ExecutableNotFound } from './images/linux-image.ts'
import type { NodeRuntime } from './node-runtime.ts'
import { expandVariables } from './pod-spec.ts'
import { dnsState, searchDomains } from '../machinery/dns.ts'
import { queryZone } from '../machinery/dns-zone.ts'

const NO_LAN: HostLan = { announce() {}, withdraw() {}, gratuitousArp() {}, reaches: () => false }

export function newContainerID(runtime: NodeRuntime): string {
  return `${runtime.minor < 24 ? 'docker' : 'containerd'}://${randomHex(runtime.context.random, 64)}`
}

/** Runs the image. `exited` is called once, when the process ends by itself. Returns false where it could not start (state terminated, 128). */
export function startContainer(
  runtime: NodeRuntime,
  pod: KubeObject,
  record: ContainerRecord,
  sandbox: Sandbox,
  image: ContainerImage,
  env: Record<string, string>,
  exited: (code: number) => void,
): boolean {
  const { context } = runtime
  const { clock } = context
  const log = new LogBuffer()
  record.previousLog = record.log
  record.log = log
  const streams = new ContainerStreams(clock, log, record.spec.tty === true)
  record.streams = streams
  const own: [number, Listener][] = []
  let over = false
  let files: ContainerFiles | null = null
  record.terminationLog = null
  const hostname: string = pod.spec.hostNetwork ? runtime.name : (pod.spec.hostname ?? pod.metadata.name)
  const containerContext: ContainerContext = {
    clock,
    store: context.store,
    pod: { ...pod, status: { ...pod.status, podIP: sandbox.ip } },
    container: {
      name: record.spec.name,
      image: record.spec.image,
      command: (record.spec.command ?? []).map((word: string) => expandVariables(word, env)),
      args: (record.spec.args ?? []).map((word: string) => expandVariables(word, env)),
      env,
      stdin: record.spec.stdin === true,
      tty: record.spec.tty === true,
      workingDir: record.spec.workingDir ?? '',
      securityContext: record.spec.securityContext ?? {},
    },
    node: runtime.name,
    lan: context.network?.lan(runtime.name) ?? NO_LAN,
    admission: context.admission,
    hostname,
    get files(): ContainerFiles {
      files ??= containerFiles(runtime, containerContext.pod, record, sandbox, hostname)
      return files
    },
    get names(): ContainerNames {
      const { network } = context
      const namespace = pod.metadata.namespace ?? ''
      return {
        nameserver: nameserverOf(runtime),
        searchDomains: searchDomains(namespace),
        lookup: (name) => hostAlias(pod, name) ?? (name === hostname ? [sandbox.ip] : (network?.names(namespace).lookup(name) ?? null)),
        query: (name, type) => queryZone(context.store, name, type),
        state: (server) => dnsState(context.store, server),
      }
    },
    log: (line) => {
      if (!over) streams.write('stdout', `${line}\n`)
    },
    write: (stream, data) => {
      if (!over) streams.write(stream, data)
    },
    listen: (listener) => {
      sandbox.listeners.set(listener.port, listener)
      own.push([listener.port, listener])
    },
    isListening: (port) => sandbox.listeners.has(port),
    exit: (code) => {
      if (!over) exited(code)
    },
    request: (request, done) => {
      const { network } = context
      const source = {
        from: 'pod',
        node: runtime.name,
        namespace: pod.metadata.namespace ?? '',
        pod: pod.metadata.name,
        address: sandbox.ip,
      } as const
      return network ? network.request(source, request, done) : { cancel() {} }
    },
    random: context.random,
  }
  try {
    const running = image.start(containerContext)
    record.running = {
      terminate: () => running.terminate(),
      dispose: () => {
        over = true
        for (const [port, listener] of own) if (sandbox.listeners.get(port) === listener) sandbox.listeners.delete(port)
        running.dispose()
        streams.end()
      },
      ...(running.input ? { input: running.input } : {}),
      ...(running.exec ? { exec: running.exec.bind(running) } : {}),
    }
  } catch (error) {
    if (!(error instanceof ExecutableNotFound)) throw error
    over = true
    streams.end()
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ${error.message}: unknown`
    record.state = {
      kind: 'terminated',
      terminated: {
        containerID: record.containerID,
        exitCode: 128,
        finishedAt: timestamp(clock.now()),
        message,
        reason: 'StartError',
        startedAt: '1970-01-01T00:00:00Z',
      },
    }
    return false
  }
  record.state = { kind: 'running', startedAt: timestamp(clock.now()) }
  record.started = !record.spec.startupProbe
  record.ready = record.started && !record.spec.readinessProbe
  record.killing = false
  return true
}

/** What the pod's own /etc/hosts says of a name. */
function hostAlias(pod: KubeObject, name: string): string[] | null {
  const aliases: { ip: string; hostnames: string[] }[] = pod.spec.hostAliases ?? []
  const found = aliases.find(({ hostnames }) => hostnames.includes(name))
  return found ? [found.ip] : null
}

/** The process is gone: its state, its log's end, its listeners. */
export function endContainer(runtime: NodeRuntime, record: ContainerRecord, exitCode: number, reason?: string): void {
  const { clock } = runtime.context
  const startedAt = record.state.kind === 'running' ? record.state.startedAt : timestamp(clock.now())
  record.running?.dispose()
  const message = terminationMessage(record, exitCode)
  record.running = null
  record.killing = false
  record.ready = false
  record.started = false
  record.exits = [...record.exits, clock.now()].slice(-4)
  record.state = {
    kind: 'terminated',
    terminated: {
      containerID: record.containerID,
      exitCode,
      finishedAt: timestamp(clock.now()),
      ...(message === undefined ? {} : { message }),
      reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
      startedAt,
    },
  }
}
