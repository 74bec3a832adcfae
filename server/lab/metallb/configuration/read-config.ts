/** How the reconcilers of the configuration read it from the cluster (from 0.13 on). */
import type { Config } from './config.ts'
import { configFrom } from './config.ts'
import { ConfigError } from './config-error.ts'
import type { ConfigObjects } from './config-objects.ts'
import { byName } from '../process/process.ts'
import type { Process } from '../process/process.ts'

const RESOURCES: Record<keyof ConfigObjects, string> = {
  pools: 'ipaddresspools.metallb.io',
  peers: 'bgppeers.metallb.io',
  bfdProfiles: 'bfdprofiles.metallb.io',
  l2Advertisements: 'l2advertisements.metallb.io',
  bgpAdvertisements: 'bgpadvertisements.metallb.io',
  communities: 'communities.metallb.io',
  secrets: 'secrets',
  nodes: 'nodes',
  namespaces: 'namespaces',
}

export interface ConfigReader {
  /** What the program looks at. */
  kinds: readonly (keyof ConfigObjects)[]
  /** The reconciler, and where in its source it logs a refusal. */
  controller: string
  refused: string
  /** Takes what is wrong with the configuration. */
  report(error: string): void
}

/** The configuration that the cluster's objects make; null where they make none: why is logged and reported. */
export function readConfig(process: Process, { kinds, controller, refused, report }: ConfigReader): Config | null {
  const objects = kinds.map((kind) => {
    const list = kind === 'nodes' || kind === 'namespaces' ? process.listAll(RESOURCES[kind]) : process.list(RESOURCES[kind])
    return [kind, byName(list)]
  })
  try {
    return configFrom(Object.fromEntries(objects))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.log(refused, { level: 'error', controller, error: error.message })
    report(`configuration error: ${error.message}`)
    return null
  }
}
