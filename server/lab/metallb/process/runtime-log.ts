/**
 * The lines of controller-runtime 0.22.3 and cert-controller 0.13.0, the libraries that MetalLB 0.15.3 is built on: zap's JSON in its development
 * form, where each line carries the stack that it was written from.
 */
import type { Clock } from '../../clock.ts'
import { rfc3339 } from '../../resources/kit/time.ts'

export interface RuntimeLog {
  /** `fields` in their order; `stack` as {@link stackOf} makes it. */
  line(level: 'info' | 'error', fields: Record<string, unknown>, stack: string): void
  reconcilerError(of: ControllerNames, key: string, error: string): void
  /** What a controller says of itself when it starts: `sources` as Go prints them. */
  controllerStarts(of: ControllerNames, sources: string[]): void
  workersStart(of: ControllerNames): void
}

export interface ControllerNames {
  runtimeName: string
  kind?: { group: string; kind: string }
}

const MODULES: Record<string, [name: string, version: string]> = {
  runtime: ['sigs.k8s.io/controller-runtime', 'v0.22.3'],
  certs: ['github.com/open-policy-agent/cert-controller', 'v0.13.0'],
  machinery: ['k8s.io/apimachinery', 'v0.34.1'],
  metallb: ['go.universe.tf/metallb', 'v0.15.3'],
}

/** Go's print of a stack. A frame is `MODULE PACKAGE FUNCTION FILE:LINE`, innermost first. */
export function stackOf(...frames: string[]): string {
  return frames
    .map((frame) => {
      const [module, folder, name, at] = frame.split(' ') as [string, string, string, string]
      const [path, version] = MODULES[module] as [string, string]
      return `${path}/${folder}.${name}\n\t${path}@${version}/${folder}/${at}`
    })
    .join('\n')
}

const CONTROLLER = 'runtime pkg/internal/controller (*Controller[...])'
export const RUNNABLE = 'runtime pkg/manager (*runnableGroup).reconcile.func1 runnable_group.go:260'
/** From a controller's worker to the reconciler. */
export const RECONCILE_FRAMES = [
  `${CONTROLLER}.Reconcile controller.go:216`,
  `${CONTROLLER}.reconcileHandler controller.go:461`,
  `${CONTROLLER}.processNextWorkItem controller.go:421`,
  `${CONTROLLER}.Start.func1.1 controller.go:296`,
]

/** A channel's address, as Go prints the pointer: of the right shape. */
export function pointer(random: () => number): string {
  return `0x${Math.floor((1 + random()) * 0x1_0000_0000_00)
    .toString(16)
    .slice(0, 12)}`
}

export function createRuntimeLog(clock: Clock, write: (line: string) => void, random: () => number): RuntimeLog {
  const line: RuntimeLog['line'] = (level, { logger, ...fields }, stack) => {
    const ts = rfc3339(clock.now())
    write(JSON.stringify({ level, ts, ...(logger === undefined ? {} : { logger }), ...fields, stacktrace: stack }))
  }
  const named = ({ runtimeName, kind }: ControllerNames): Record<string, string> => ({
    controller: runtimeName,
    ...(kind ? { controllerGroup: kind.group, controllerKind: kind.kind } : {}),
  })
  const starts = (at: number): string =>
    stackOf(`${CONTROLLER}.Start.func1 controller.go:${at}`, `${CONTROLLER}.Start controller.go:303`, RUNNABLE)
  return {
    line,
    reconcilerError(of, key, error) {
      const [namespace = '', name = ''] = key.split('/')
      const id = (length: number): string => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')
      line(
        'error',
        {
          msg: 'Reconciler error',
          ...named(of),
          ...(of.kind ? { [of.kind.kind]: namespace === '' ? { name } : { name, namespace } } : {}),
          namespace,
          name,
          reconcileID: `${id(8)}-${id(4)}-4${id(3)}-a${id(3)}-${id(12)}`,
          error,
        },
        stackOf(
          `${CONTROLLER}.reconcileHandler controller.go:474`,
          `${CONTROLLER}.processNextWorkItem controller.go:421`,
          `${CONTROLLER}.Start.func1.1 controller.go:296`,
        ),
      )
    },
    controllerStarts(of, sources) {
      const stack = stackOf(`${CONTROLLER}.startEventSourcesAndQueueLocked.func1.2.1 controller.go:353`)
      for (const source of sources) line('info', { msg: 'Starting EventSource', ...named(of), source }, stack)
    },
    workersStart(of) {
      line('info', { msg: 'Starting Controller', ...named(of) }, starts(286))
      line('info', { msg: 'Starting workers', ...named(of), 'worker count': 1 }, starts(289))
    },
  }
}
