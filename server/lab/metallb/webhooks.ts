/** The validating webhooks of MetalLB's controller (internal/k8s/webhooks): the new object beside all that there are has to make a configuration. */
import type { AdmissionAnswer, AdmissionRequest } from '../admission.ts'
import type { KubeObject } from '../resources/definition.ts'
import { ConfigError } from './configuration/config-error.ts'
import { configFrom } from './configuration/config.ts'
import type { ConfigObjects } from './configuration/config-objects.ts'
import type { Process } from './process/process.ts'
import { RUNNABLE, stackOf } from './process/runtime-log.ts'

const SERVICE = 'metallb-webhook-service'

interface Webhook {
  /** As its log lines name it, and where they stand: source file, the line of a refused creation, of a refused update. */
  logged: string
  at: [file: string, create: number, update: number]
  /** Where it is registered: function, source file and line, and the line of webhook.go that calls it. */
  registered: [name: string, at: string, from: number]
  path: string
  /** The configuration to look at; null: nothing but the namespace. */
  beside: ((object: KubeObject) => ConfigObjects) | null
  warning?(object: KubeObject): string | null
}

function withUpdate(existing: readonly KubeObject[], object: KubeObject): KubeObject[] {
  const known = existing.some(({ metadata }) => metadata.name === object.metadata.name)
  return known ? existing.map((each) => (each.metadata.name === object.metadata.name ? object : each)) : [...existing, object]
}

/** What another object may bring later is not held against this one (resetTransientErrorsFields). */
function withoutReferences(objects: ConfigObjects): ConfigObjects {
  const peers = objects.peers?.map((peer) => ({ ...peer, spec: { ...peer.spec, bfdProfile: undefined, passwordSecret: undefined } }))
  const bgpAdvertisements = objects.bgpAdvertisements?.map((each) => ({
    ...each,
    spec: { ...each.spec, communities: ((each.spec?.communities ?? []) as string[]).filter((text) => text.includes(':')) },
  }))
  return { ...objects, ...(peers ? { peers } : {}), ...(bgpAdvertisements ? { bgpAdvertisements } : {}) }
}

function webhooksOf(process: Process): Webhook[] {
  const list = (kind: string): readonly KubeObject[] => process.list(`${kind}.metallb.io`)
  return [
    {
      logged: 'ipAddress',
      path: '/validate-metallb-io-v1beta1-ipaddresspool',
      at: ['ipaddresspool_webhook.go', 110, 128],
      registered: ['(*IPAddressPoolValidator)', 'ipaddresspool_webhook.go:41', 65],
      beside: (object) => ({ pools: withUpdate(list('ipaddresspools'), object) }),
    },
    {
      logged: 'bgppeer',
      path: '/validate-metallb-io-v1beta2-bgppeer',
      at: ['bgppeer_webhook.go', 116, 134],
      registered: ['(*BGPPeerValidator)', 'bgppeer_webhook.go:41', 70],
      beside: (object) => ({ peers: withUpdate(list('bgppeers'), object) }),
      warning: ({ spec }) => (spec?.disableMP ? "disable mp is deprecated and has no effect since it's the default behavior now" : null),
    },
    {
      logged: 'bgpadvertisement',
      path: '/validate-metallb-io-v1beta1-bgpadvertisement',
      at: ['bgpadvertisement_webhook.go', 121, 149],
      registered: ['(*BGPAdvertisementValidator)', 'bgpadvertisement_webhook.go:42', 75],
      beside: (object) => ({
        bgpAdvertisements: withUpdate(list('bgpadvertisements'), object),
        pools: list('ipaddresspools'),
        nodes: process.listAll('nodes'),
      }),
    },
    {
      logged: 'v1beta1.L2Advertisement',
      path: '/validate-metallb-io-v1beta1-l2advertisement',
      at: ['l2advertisement_webhook.go', 116, 139],
      registered: ['(*L2AdvertisementValidator)', 'l2advertisement_webhook.go:41', 80],
      beside: (object) => ({ l2Advertisements: withUpdate(list('l2advertisements'), object), pools: list('ipaddresspools') }),
    },
    {
      logged: 'community',
      path: '/validate-metallb-io-v1beta1-community',
      at: ['community_webhook.go', 111, 129],
      registered: ['(*CommunityValidator)', 'community_webhook.go:41', 85],
      beside: (object) => ({ communities: withUpdate(list('communities'), object) }),
    },
    {
      logged: 'bfdProfile',
      path: '/validate-metallb-io-v1beta1-bfdprofile',
      at: ['bfdprofile_webhook.go', 0, 0],
      registered: ['(*BFDProfileValidator)', 'bfdprofile_webhook.go:40', 90],
      beside: null,
    },
  ]
}

/** Serves them from now on. */
export function registerWebhooks(process: Process): void {
  const { log, runtime } = process
  const { admission } = process.context
  const say = (msg: string, fields: Record<string, unknown>, ...frames: string[]): void =>
    runtime.line('info', { logger: 'controller-runtime.webhook', msg, ...fields }, stackOf(...frames))
  const sayRegistered = (path: string, from: number, ...frames: string[]): void =>
    say(
      'Registering webhook',
      { path },
      'runtime pkg/webhook (*DefaultServer).Register server.go:183',
      ...frames,
      `metallb internal/k8s enableWebhook webhook.go:${from}`,
      'metallb internal/k8s New.func3 k8s.go:368',
    )
  for (const webhook of webhooksOf(process)) {
    const { path, registered: where } = webhook
    const folder = `internal/k8s/webhooks/webhook${path.includes('v1beta2') ? 'v1beta2' : 'v1beta1'}`
    sayRegistered(path, where[2], `metallb ${folder} ${where[0]}.SetupWebhookWithManager ${where[1]}`)
    const registered = admission.register({ namespace: process.namespace, name: SERVICE, path }, (request) => answer(request, webhook))
    process.own(() => registered.dispose())
  }
  sayRegistered('/convert', 96)
  say('Starting webhook server', {}, 'runtime pkg/webhook (*DefaultServer).Start server.go:191', RUNNABLE)
  say('Serving webhook server', { host: '', port: 9443 }, 'runtime pkg/webhook (*DefaultServer).Start server.go:242', RUNNABLE)
  log('webhook.go:53', { op: 'startup', action: 'webhooks enabled' })

  function answer(request: AdmissionRequest, { logged, at, beside, warning }: Webhook): AdmissionAnswer {
    const { operation, object, oldObject } = request
    if (operation === 'DELETE' || object === null) return beside === null ? mayDelete(oldObject) : { allowed: true }
    const { name, namespace } = object.metadata
    const note = operation === 'CREATE' ? warning?.(object) : null
    if (note) return { allowed: true, warnings: [note] }
    if (operation === 'CREATE' && namespace !== process.namespace)
      return { allowed: false, message: `resource must be created in ${process.namespace} namespace` }
    try {
      if (beside !== null) configFrom(withoutReferences(beside(object)))
      return { allowed: true }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      const [file, ...lines] = at
      // the words of both are copied from the creation's, but for pools, peers and communities
      const action = operation === 'UPDATE' && !/^bgpadv|L2Adv/.test(logged) ? 'update' : 'create'
      log(`${file}:${lines[operation === 'CREATE' ? 0 : 1]}`, {
        level: 'error',
        action,
        error: error.message,
        name,
        namespace,
        webhook: logged,
      })
      return { allowed: false, message: error.message }
    }
  }

  function mayDelete(profile: KubeObject | null): AdmissionAnswer {
    const name = profile?.metadata.name
    const user = process.list('bgppeers.metallb.io').find(({ spec }) => spec?.bfdProfile === name)
    return user
      ? { allowed: false, message: `failed to delete BFDProfile ${name}, used by BGPPeer ${user.metadata.name}` }
      : { allowed: true }
  }
}
