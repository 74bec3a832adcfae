/** MetalLB's speaker from 0.13 on: answers ARP for the addresses of which this node is the elected one (speaker/main.go, layer2_controller.go). */
import type { ContainerContext, RunningContainer } from '../kubelet/image.ts'
import { BGP_STATUS, L2_STATUS, createAnnouncementStatus } from './announcing/announcement-status.ts'
import { Announcer } from './announcing/announcer.ts'
import { BgpSpeaker } from './announcing/bgp-speaker.ts'
import { fingerprint } from './configuration/config.ts'
import type { Config } from './configuration/config.ts'
import { STATE_NAMES, createConfigurationState } from './configuration/configuration-state.ts'
import { createEventRecorder } from './process/events.ts'
import { poolOfAddress } from './configuration/pool.ts'
import { Process, labelsChanged, programVersion } from './process/process.ts'
import { readConfig } from './configuration/read-config.ts'
import { createReconciler } from './process/reconciler.ts'
import type { Outcome } from './process/reconciler.ts'
import { pointer } from './process/runtime-log.ts'
import { createServiceAnnouncing } from './announcing/service-announcing.ts'
import { SERVICE_NAMES, createServiceReconciler } from './services/service-reconciler.ts'
import { createSpeakerList } from './announcing/speaker-list.ts'

const CACHES_FILLED = 700
const LATENCY = 3
const INTERFACE = 'eth1'
const RETRY = 'event handling failed, retrying'

const CONFIGURATION = ['bgppeers', 'ipaddresspools', 'bgpadvertisements', 'l2advertisements', 'bfdprofiles', 'communities']

export function startSpeaker(context: ContainerContext, version: string): RunningContainer {
  const process = new Process(context, { levels: true })
  const { store, clock, node, lan } = context
  const { log, runtime } = process
  const random = (): number => context.random()
  const record = createEventRecorder(store, clock, 'metallb-speaker')
  const labels = { 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node }
  const state = createConfigurationState(process, { name: `speaker-${node}`, labels, condition: 'configReconcilerValid' })
  const announcer = new Announcer(clock, lan)
  process.own(() => announcer.dispose())
  let config: Config | null = null

  const l2Status = createAnnouncementStatus(process, L2_STATUS, (service) => announcing.onLan(service))
  const bgpStatus = createAnnouncementStatus(process, BGP_STATUS, (service) => {
    const peers = bgp.peersOf(service)
    return peers ? { peers } : null
  })
  const bgp = new BgpSpeaker(process, (service) => bgpStatus.changed(service))
  const announcing = createServiceAnnouncing({
    process,
    record,
    announcer,
    bgp,
    interfaceName: INTERFACE,
    ignoreExcludeLabel: context.container.args.includes('--ignore-exclude-lb'),
    pools: () => config?.pools ?? null,
    speakers: () => speakers.alive(),
    onLanChanged: (service) => l2Status.changed(service),
  })
  const services = createServiceReconciler({
    process,
    latency: LATENCY,
    endpoints: true,
    waits: (go) => bgp.isUsed() && bgp.waits(go),
    handle: announcing.handle,
  })

  /** A service that would lose its address by the new configuration keeps the old one alive, until the controller has taken the address away. */
  const loadConfig = (): Outcome => {
    const made = readConfig(process, {
      kinds: ['pools', 'peers', 'bfdProfiles', 'l2Advertisements', 'bgpAdvertisements', 'communities', 'secrets', 'nodes', 'namespaces'],
      controller: 'ConfigReconciler',
      refused: 'config_controller.go:156',
      report: state.report,
    })
    if (!made) return { line: 199 }
    if (config !== null && fingerprint(made) === fingerprint(config)) {
      state.report(null)
      return { line: 199 }
    }
    for (const [service, ip] of announcing.addresses()) {
      if (poolOfAddress(made.pools, ip) !== null) continue
      const error = 'service has no configuration under new config'
      log('main.go:567', { level: 'error', op: 'setConfig', service, ip: [ip], error, msg: 'new configuration rejected' })
      state.report('configuration error: general handler sync state error')
      return { line: 199, retry: RETRY }
    }
    bgp.configure(made)
    config = made
    services.forceReload('config_controller.go:185', 'ConfigReconciler')
    log('config_controller.go:197', { controller: 'ConfigReconciler', event: 'config reloaded' })
    state.report(null)
    return { line: 199 }
  }
  const configNames = { runtimeName: 'bgppeer', kind: { group: 'metallb.io', kind: 'BGPPeer' } }
  const configuration = createReconciler(process, {
    name: 'ConfigReconciler',
    file: 'config_controller.go',
    start: 62,
    ...configNames,
    latency: LATENCY,
    reconcile: loadConfig,
  })

  const known = new Map<string, string>()
  const nodeNames = { runtimeName: 'node', kind: { group: '', kind: 'Node' } }
  const nodes = createReconciler(process, {
    name: 'NodeReconciler',
    file: 'node_controller.go',
    start: 45,
    ...nodeNames,
    latency: LATENCY,
    reconcile(key) {
      const object = store.get('nodes', null, key.slice(1))
      if (!object) return { line: 52 }
      const before = known.get(key)
      const availability = announcing.availabilityOf(object)
      known.set(key, availability)
      if (object.metadata.name === node) {
        bgp.setNode(object)
        speakers.rejoin()
      }
      if (before === undefined || before === availability) return { line: 68 }
      services.forceReload('node_controller.go:64', 'NodeReconciler')
      return { line: 66 }
    },
  })

  log('main.go:108', programVersion('speaker', version))
  for (const [event, line, what] of [
    ['createARPResponder', 126, 'ARP'],
    ['createNDPResponder', 135, 'NDP'],
  ] as const)
    log(`announcer.go:${line}`, { event, interface: INTERFACE, msg: `created ${what} responder for interface` })
  log('k8s.go:485', { msg: 'Starting Manager', op: 'Run' })
  const speakers = createSpeakerList(process, () => {
    if (config !== null) services.reload()
  })
  process.serveMetrics(announcing.metrics)

  const channel = (): string => `channel source: ${pointer(random)}`
  const kinds = (...names: string[]): string[] => names.map((name) => `kind source: *${name}`)
  runtime.controllerStarts(configNames, [
    ...kinds('v1beta2.BGPPeer', 'v1beta1.IPAddressPool', 'v1.Node', 'v1beta1.BGPAdvertisement', 'v1beta1.L2Advertisement'),
    ...kinds('v1beta1.BFDProfile', 'v1beta1.Community', 'v1.Secret', 'v1.Namespace', 'v1.ConfigMap'),
  ])
  runtime.controllerStarts(nodeNames, kinds('v1.Node'))
  runtime.controllerStarts(STATE_NAMES, [channel(), ...kinds('v1beta1.ConfigurationState')])
  runtime.controllerStarts(SERVICE_NAMES, [channel(), ...kinds('v1.Service', 'v1.EndpointSlice')])
  for (const { runtimeName, kind } of [L2_STATUS, BGP_STATUS])
    runtime.controllerStarts({ runtimeName }, [channel(), ...kinds(`v1beta1.${kind}`)])

  process.after(CACHES_FILLED, () => {
    for (const names of [STATE_NAMES, nodeNames, SERVICE_NAMES, L2_STATUS, BGP_STATUS, configNames])
      runtime.workersStart({ runtimeName: names.runtimeName, ...('file' in names ? {} : { kind: names.kind }) })
    state.start()
    l2Status.start()
    bgpStatus.start()
    services.start()
    speakers.start()
    process.watch('nodes', (event) => {
      const { name } = event.object.metadata
      if (labelsChanged(event)) configuration.add(`/${name}`)
      const previous = event.previous ? announcing.availabilityOf(event.previous) : null
      if (event.type !== 'MODIFIED' || labelsChanged(event) || previous !== announcing.availabilityOf(event.object)) nodes.add(`/${name}`)
    })
    process.watch('namespaces', (event) => labelsChanged(event) && configuration.add(`/${event.object.metadata.name}`))
    for (const resource of [...CONFIGURATION.map((kind) => `${kind}.metallb.io`), 'secrets', 'configmaps'])
      process.watch(resource, ({ type, object: { metadata } }) => {
        if (metadata.namespace !== process.namespace) return
        if (resource === 'configmaps' && type === 'MODIFIED' && metadata.name !== 'bgpextras') return
        configuration.add(`${metadata.namespace}/${metadata.name}`)
      })
  })

  return process.running(() => {
    log('main.go:129', { msg: 'starting shutdown', op: 'shutdown' })
    log('speakerlist.go:316', { msg: 'leaving memberlist cluster', op: 'shutdown' })
    speakers.leave()
  })
}
