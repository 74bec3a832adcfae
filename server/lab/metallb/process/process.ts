/** What both of MetalLB's programs have in common as processes of the lab: they own timers and watches, write a log, and end. */
import type { ContainerContext, RunningContainer } from '../../kubelet/image.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { WatchEvent } from '../../store/store.ts'
import { createLogger } from './logger.ts'
import type { Log } from './logger.ts'
import { createRuntimeLog } from './runtime-log.ts'
import type { RuntimeLog } from './runtime-log.ts'

/** `v0.15.3` of `quay.io/metallb/speaker:v0.15.3`. */
export function versionOf(image: string): string {
  return /:([^:/@]+)(@|$)/.exec(image)?.[1] ?? ''
}

/** Up to 0.12 the configuration is a ConfigMap. */
export function readsConfigMap(version: string): boolean {
  const [, minor] = /^v0\.(\d+)\./.exec(version) ?? []
  return minor !== undefined && Number(minor) <= 12
}

/** The value of a program's flag, `--lb-class=x`; undefined where it is not given. */
export function argumentOf({ container }: ContainerContext, flag: string): string | undefined {
  return container.args.find((argument) => argument.startsWith(`--${flag}=`))?.slice(flag.length + 3)
}

/** Objects in the order of their names, as a configuration is made of them. */
export function byName(objects: readonly KubeObject[]): KubeObject[] {
  return objects.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** The first line of a program's log. */
export function programVersion(program: 'controller' | 'speaker', image: string): Record<string, string> {
  const version = image.slice(1)
  const msg = `MetalLB ${program} starting version ${version} (no build information)`
  return { branch: '', commit: '', goversion: 'gc / go1.26.8 / amd64', msg, version }
}

export class Process {
  readonly context: ContainerContext
  readonly namespace: string
  readonly log: Log
  /** What the libraries write that MetalLB is built on from 0.13 on. */
  readonly runtime: RuntimeLog
  private readonly owned = new Set<() => void>()
  private ended = false

  /** `levels`: whether the lines of its log say of what level they are. */
  constructor(context: ContainerContext, { levels }: { levels: boolean }) {
    this.context = context
    this.log = createLogger(context.clock, context.log, levels)
    this.runtime = createRuntimeLog(context.clock, context.log, () => context.random())
    this.namespace = context.pod.metadata.namespace ?? 'metallb-system'
  }

  own(dispose: () => void): void {
    if (this.ended) dispose()
    else this.owned.add(dispose)
  }

  after(ms: number, fire: () => void): void {
    const timer = this.context.clock.after(ms, () => {
      this.owned.delete(cancel)
      fire()
    })
    const cancel = (): void => timer.cancel()
    this.own(cancel)
  }

  every(ms: number, fire: () => void): void {
    const timer = this.context.clock.every(ms, fire)
    this.own(() => timer.cancel())
  }

  /** Watches a resource, all objects first. A resource that the cluster does not know is not watched. */
  watch(resource: string, listener: (event: WatchEvent) => void): void {
    if (!this.context.store.definition(resource)) return
    const watch = this.context.store.watch(resource, { initial: true }, (event) => {
      if (!this.ended) listener(event)
    })
    this.own(() => watch.dispose())
  }

  /** Serves figures as Prometheus reads them, on the port that all of MetalLB's programs have for it. */
  serveMetrics(body: () => string): void {
    this.context.listen({
      port: 7472,
      handle: () => ({ status: 200, headers: { 'content-type': 'text/plain; version=0.0.4' }, body: body() }),
    })
  }

  list(resource: string): readonly KubeObject[] {
    return this.context.store.definition(resource) ? this.context.store.list(resource, this.namespace) : []
  }

  listAll(resource: string): readonly KubeObject[] {
    return this.context.store.definition(resource) ? this.context.store.list(resource, null) : []
  }

  dispose(): void {
    this.ended = true
    const owned = [...this.owned].toReversed()
    this.owned.clear()
    for (const dispose of owned) dispose()
  }

  /** The process as the kubelet sees it. `leave` is what SIGTERM makes it do before it ends. */
  running(leave: () => void = () => {}): RunningContainer {
    return {
      terminate: () => {
        leave()
        this.context.exit(0)
      },
      dispose: () => this.dispose(),
    }
  }
}

/** Whether a change is one that MetalLB's event filters let pass: of labels for nodes and namespaces, of the spec for pools. */
export function labelsChanged({ type, object, previous }: WatchEvent): boolean {
  return type !== 'MODIFIED' || JSON.stringify(object.metadata.labels ?? {}) !== JSON.stringify(previous?.metadata.labels ?? {})
}

export function generationChanged({ type, object, previous }: WatchEvent): boolean {
  return type !== 'MODIFIED' || object.metadata.generation !== previous?.metadata.generation
}

/** An answer to plain HTTP on a port that speaks TLS. */
export const TLS_ONLY = { status: 400, headers: {}, body: 'Client sent an HTTP request to an HTTPS server.\n' }
