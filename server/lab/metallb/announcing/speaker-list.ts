/** Which speakers a speaker hears: its memberlist, and how it looks for the others (internal/speakerlist). */
import { Memberlist } from './memberlist.ts'
import type { Process } from '../process/process.ts'

const REJOIN_EVERY = 60_000
/** From the discovery's being triggered to its end, ms. */
const DISCOVERY = 40
/** memberlist's TCPTimeout. */
const JOIN_TIMEOUT = 10_000

export interface SpeakerList {
  /** The nodes whose speakers are alive. */
  alive(): string[]
  /** Looks for the others from now on, again and again. */
  start(): void
  /** Looks for them out of turn, after a change of the nodes. */
  rejoin(): void
  leave(): void
}

/** `changed` is called when another speaker came or went. */
export function createSpeakerList(process: Process, changed: () => void): SpeakerList {
  const { log, context } = process
  const { store, clock, node, lan } = context
  const random = (): number => context.random()
  const members = new Memberlist({
    clock,
    store,
    node,
    random,
    reaches: (other) => lan.reaches(other),
    log,
    onEvent(event, other) {
      const addresses: { type: string; address: string }[] = store.get('nodes', null, other)?.status?.addresses ?? []
      const address = addresses.find(({ type }) => type === 'InternalIP')?.address
      log('speakerlist.go:331', { msg: 'node event - forcing sync', 'node addr': address, 'node event': event, 'node name': other })
      changed()
    },
  })
  process.own(() => members.dispose())

  const join = (): void => {
    const joined = members.join()
    if (joined > 0)
      log('speakerlist.go:271', { msg: 'memberlist join successfully', 'number of other nodes': joined, op: 'Member detection' })
    const missing = speakerAddresses().filter((address) => !lan.reaches(address.node) && !members.alive().includes(address.node))
    if (missing.length > 0) process.after(JOIN_TIMEOUT, () => sayPartialJoin(missing.map(({ ip }) => ip)))
  }
  /** The speakers' pods on other nodes. */
  const speakerAddresses = (): { node: string; ip: string }[] =>
    store
      .list('pods', process.namespace)
      .filter(({ metadata, spec }) => metadata.labels?.['component'] === 'speaker' && spec.nodeName && spec.nodeName !== node)
      .flatMap(({ spec, status }) => (status?.podIP ? { node: spec.nodeName, ip: status.podIP } : []))
  const sayPartialJoin = (ips: string[]): void => {
    const each = ips.map((ip) => `\t* Failed to join ${ip}:7946: dial tcp ${ip}:7946: i/o timeout\n`).join('')
    const error = `${ips.length} error${ips.length === 1 ? '' : 's'} occurred:\n${each}\n`
    log('speakerlist.go:269', { level: 'error', op: 'memberDiscovery', msg: 'partial join', joined: 0, expected: ips.length, error })
  }
  return {
    alive: () => members.alive(),
    start: () => process.every(REJOIN_EVERY, join),
    rejoin() {
      log('speakerlist.go:284', { msg: 'triggering discovery', op: 'memberDiscovery' })
      process.after(DISCOVERY * (1 + random()), join)
    },
    leave: () => members.leave(),
  }
}
