/** The wire between the machines: who owns which address, who announces one, and what everybody hears. */
import type { HostLan } from '../contracts/network.ts'
import type { LabContext } from '../context.ts'
import type { Disposable } from '../store/store.ts'
import type { KubeObject } from '../resources/definition.ts'
import { CLIENT, macOf } from './hosts.ts'

export interface Lan extends Disposable {
  /** The host that has this address as its own, switched on or not. */
  owner(address: string): string | null
  addressOf(host: string): string | null
  macOf(host: string): string
  nodes(): string[]
  /** The first host that answers ARP for an address now, or null. */
  ask(address: string): string | null
  /** Whether this one host answers for the address. */
  askHost(address: string, host: string): boolean
  isOn(host: string): boolean
  node(name: string): HostLan
}

/** `heard` is called for every gratuitous ARP that reaches the wire, `changed` when somebody else answers for an address, `added` for a new machine. */
export function createLan(
  lab: LabContext,
  heard: (address: string, host: string) => void,
  changed: () => void,
  added: (node: string) => void,
): Lan {
  const addresses = new Map<string, string>([[CLIENT.name, CLIENT.address]])
  const owners = new Map<string, string>([[CLIENT.address, CLIENT.name]])
  const announced = new Map<string, Set<string>>()

  const learn = (node: KubeObject): void => {
    const address = (node.status?.addresses ?? []).find(({ type }: { type: string }) => type === 'InternalIP')?.address
    if (typeof address !== 'string' || addresses.get(node.metadata.name) === address) return
    const isNew = !addresses.has(node.metadata.name)
    addresses.set(node.metadata.name, address)
    owners.set(address, node.metadata.name)
    if (isNew) added(node.metadata.name)
  }
  // A machine stays on the wire when its Node object is deleted: only a preset puts machines there.
  const watch = lab.store.watch('nodes', { initial: true }, ({ type, object }) => {
    if (type !== 'DELETED') learn(object)
  })

  const isOn = (host: string): boolean => host === CLIENT.name || lab.power.isOn(host)
  const askHost = (address: string, host: string): boolean =>
    isOn(host) && (owners.get(address) === host || (announced.get(address)?.has(host) ?? false))

  return {
    owner: (address) => owners.get(address) ?? null,
    addressOf: (host) => addresses.get(host) ?? null,
    macOf: (host) => macOf(addresses.get(host) ?? '0.0.0.0'),
    nodes: () => [...addresses.keys()].filter((host) => host !== CLIENT.name),
    ask(address) {
      const owner = owners.get(address)
      if (owner !== undefined) return isOn(owner) ? owner : null
      return [...(announced.get(address) ?? [])].find(isOn) ?? null
    },
    askHost,
    isOn,
    node: (name) => ({
      announce(address) {
        const hosts = announced.get(address)
        if (hosts) hosts.add(name)
        else announced.set(address, new Set([name]))
        changed()
      },
      withdraw(address) {
        const hosts = announced.get(address)
        hosts?.delete(name)
        if (hosts?.size === 0) announced.delete(address)
        changed()
      },
      gratuitousArp(address) {
        if (isOn(name)) heard(address, name)
      },
      reaches: (node) => isOn(name) && isOn(node),
    }),
    dispose: () => watch.dispose(),
  }
}
