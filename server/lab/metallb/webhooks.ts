/** The validating webhooks of MetalLB's controller (internal/k8s/webhooks): the new object beside all that there are has to make a configuration. */
import type { AdmissionAnswer, AdmissionRequest } from '../context.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ConfigError, poolsFrom } from './config.ts'
import { bgpPeerError, checkBgpAdvertisements, checkCommunities } from './bgp.ts'
import type { Log } from './logger.ts'
import type { Process } from './process.ts'

const SERVICE = 'metallb-webhook-service'

function withUpdate(existing: readonly KubeObject[], object: KubeObject): KubeObject[] {
  const known = existing.some(({ metadata }) => metadata.name === object.metadata.name)
  return known ? existing.map((each) => (each.metadata.name === object.metadata.name ? object : each)) : [...existing, object]
}

function config(pools: readonly KubeObject[], l2Advertisements: readonly KubeObject[]): void {
  poolsFrom({ pools, l2Advertisements, nodes: [], namespaces: [] })
}

export function registerWebhooks(process: Process, log: Log): void {
  const { admission } = process.context
  const pools = (): readonly KubeObject[] => process.list('ipaddresspools.metallb.io')

  const checks: Record<string, (object: KubeObject) => void> = {
    '/validate-metallb-io-v1beta1-ipaddresspool': (object) => config(withUpdate(pools(), object), []),
    '/validate-metallb-io-v1beta1-l2advertisement': (object) =>
      config(pools(), withUpdate(process.list('l2advertisements.metallb.io'), object)),
    '/validate-metallb-io-v1beta1-bgpadvertisement': (object) => {
      config(pools(), [])
      checkBgpAdvertisements(withUpdate(process.list('bgpadvertisements.metallb.io'), object), pools())
    },
    '/validate-metallb-io-v1beta1-community': (object) => checkCommunities(withUpdate(process.list('communities.metallb.io'), object)),
    '/validate-metallb-io-v1beta1-bfdprofile': () => {},
    '/validate-metallb-io-v1beta2-bgppeer': (object) => {
      const error = bgpPeerError(object)
      if (error !== null) throw new ConfigError(`parsing peer ${object.metadata.name} ${error}`)
    },
  }
  for (const [path, check] of Object.entries(checks)) {
    log('server.go:183', { logger: 'controller-runtime.webhook', msg: 'Registering webhook', path })
    const registered = admission.register({ namespace: process.namespace, name: SERVICE, path }, (request) => answer(request, check))
    process.own(() => registered.dispose())
  }

  function answer({ operation, object }: AdmissionRequest, check: (object: KubeObject) => void): AdmissionAnswer {
    if (operation === 'DELETE' || object === null) return { allowed: true }
    if (operation === 'CREATE' && object.metadata.namespace !== process.namespace)
      return { allowed: false, message: `resource must be created in ${process.namespace} namespace` }
    try {
      check(object)
      return { allowed: true }
    } catch (error) {
      if (error instanceof ConfigError) return { allowed: false, message: error.message }
      throw error
    }
  }
}
