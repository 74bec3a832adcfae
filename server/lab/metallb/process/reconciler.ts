/** A controller of controller-runtime as MetalLB's programs use it: keys in, one worker, a line of the log at each start and end. */
import type { Process } from './process.ts'
import { createWorkQueue } from './queue.ts'

export interface Outcome {
  /** Where in its source file the reconciler ends, which its last line names. */
  line: number
  /** To be called again, later each time; the error that the runtime logs. */
  retry?: string
}

export interface ReconcilerOptions {
  /** As its lines name it. */
  name: string
  /** Source file, and the line that logs the start. */
  file: string
  start: number
  /** controller-runtime's own name of it, and the kind that it is for. */
  runtimeName: string
  kind?: { group: string; kind: string }
  /** From a request to its work, ms: half as long to half as long again. */
  latency: number
  /** Where something else can hold the worker: calls `go` once it is free, and gives false where it is now. */
  waits?(go: () => void): boolean
  /** Where a key's lines are another one's. */
  variant?(key: string): { name: string; file: string; start: number } | null
  reconcile(key: string): Outcome
}

/** `add` asks for a key to be reconciled. */
export function createReconciler(process: Process, options: ReconcilerOptions): { add(key: string): void } {
  const { log, runtime } = process
  /** Keys for which the worker was waited for already. */
  const free = new Set<string>()
  const go = (key: string): void => {
    free.add(key)
    queue.add(key)
  }
  const latency = (): number => options.latency * (0.5 + process.context.random())
  const queue = createWorkQueue(process.context.clock, latency, (key) => {
    if (!free.delete(key) && options.waits?.(() => go(key))) return true
    const { name, file, start } = options.variant?.(key) ?? options
    log(`${file}:${start}`, { controller: name, 'start reconcile': key })
    const { line, retry } = options.reconcile(key)
    log(`${file}:${line}`, { controller: name, 'end reconcile': key })
    if (retry === undefined) return true
    runtime.reconcilerError(options, key, retry)
    return false
  })
  process.own(() => queue.dispose())
  return { add: (key) => queue.add(key) }
}
