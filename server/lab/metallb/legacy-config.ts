import { ConfigError } from './config-error.ts'
import type { Pool } from './config.ts'
import { poolsFromConfigMap } from './config-map.ts'
import type { Log } from './logger.ts'
import type { Process } from './process.ts'

const LATENCY = 20

/**
 * Reads the ConfigMap that `--config` names (`config`) whenever it changes. `accept` takes the pools, or says why they will not do. A map that
 * cannot be read, and one that is deleted, leave the configuration as it was.
 */
export function watchConfigMap(process: Process, log: Log, accept: (pools: ReadonlyMap<string, Pool>) => string | null): void {
  const named = process.context.container.args.find((argument) => argument.startsWith('--config='))
  const name = named?.slice('--config='.length) ?? 'config'
  const configmap = `${process.namespace}/${name}`
  process.watch('configmaps', ({ type, object }) => {
    if (object.metadata.namespace !== process.namespace || object.metadata.name !== name) return
    process.after(LATENCY, () => {
      if (type === 'DELETED') {
        log('main.go:111', {
          configmap,
          op: 'setConfig',
          error: 'no MetalLB configuration in cluster',
          msg: 'configuration is missing, MetalLB will not function',
        })
        return
      }
      try {
        const refused = accept(poolsFromConfigMap(object.data?.config ?? ''))
        if (refused === null) log('k8s.go:385', { configmap, event: 'configLoaded', msg: 'config (re)loaded' })
        else {
          log('main.go:116', { configmap, op: 'setConfig', error: refused, msg: 'applying new configuration failed' })
          log('k8s.go:379', { configmap, event: 'configStale', error: null, msg: 'config (re)load failed, config marked stale' })
        }
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        log('k8s.go:369', { configmap, event: 'configStale', error: error.message, msg: 'config (re)load failed, config marked stale' })
      }
    })
  })
}
