import { ConfigError } from '../configuration/config-error.ts'
import type { Pool } from '../configuration/pool.ts'
import { poolsFromConfigMap } from './config-map.ts'
import { argumentOf } from '../process/process.ts'
import type { Process } from '../process/process.ts'
import { createWorkQueue } from '../process/queue.ts'

const LATENCY = 20
/** What the two programs' lines of a configuration's update say where, and whether a refusal is logged here or where it was found. */
export interface ConfigLines {
  missing: string
  started: string
  ended: string
  refused: string | null
}

/**
 * Reads the ConfigMap that `--config` names (`config`) whenever it changes. `accept` takes the pools, or says why they will not do. A map that
 * cannot be read, and one that is deleted, leave the configuration as it was.
 */
export function watchConfigMap(process: Process, lines: ConfigLines, accept: (pools: ReadonlyMap<string, Pool>) => string | null): void {
  const { log } = process
  const name = argumentOf(process.context, 'config') ?? 'config'
  const configmap = `${process.namespace}/${name}`
  const stale = { configmap, event: 'configStale', msg: 'config (re)load failed, config marked stale' }
  const read = (): boolean => {
    const object = process.context.store.get('configmaps', process.namespace, name)
    let pools: ReadonlyMap<string, Pool> | null = null
    if (object) {
      try {
        pools = poolsFromConfigMap(object.data?.config ?? '')
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        log('k8s.go:388', { ...stale, error: error.message })
        return true
      }
    }
    log(lines.started, { configmap, event: 'startUpdate', msg: 'start of config update' })
    const missing = {
      op: 'setConfig',
      error: 'no MetalLB configuration in cluster',
      msg: 'configuration is missing, MetalLB will not function',
    }
    if (!pools) log(lines.missing, { configmap, ...missing })
    const refused = pools ? accept(pools) : 'missing'
    if (pools && refused !== null && lines.refused !== null)
      log(lines.refused, { configmap, op: 'setConfig', error: refused, msg: 'applying new configuration failed' })
    log(lines.ended, { configmap, event: 'endUpdate', msg: 'end of config update' })
    // a configuration that is gone is looked for again, later each time
    if (!pools) return false
    if (refused === null) log('k8s.go:403', { configmap, event: 'configLoaded', msg: 'config (re)loaded' })
    else log('k8s.go:395', { ...stale, error: null })
    return true
  }
  const queue = createWorkQueue(process.context.clock, LATENCY, read)
  process.own(() => queue.dispose())
  process.watch('configmaps', ({ object }) => {
    if (object.metadata.namespace === process.namespace && object.metadata.name === name) queue.add(configmap)
  })
}
