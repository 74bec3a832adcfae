import type { LabNetwork } from '../contracts/network.ts'
import { HOST_PORTS } from './host-ports.ts'
import { onLan } from './hosts.ts'
import type { KubeProxy } from './kube-proxy.ts'
import type { Lan } from './lan.ts'
import type { PodIndex, PodPlace } from './pods.ts'

/** As LabNetwork.doors: the machines that are on with the ports that they may answer at, and the addresses of services on the LAN with theirs. */
export function listDoors(
  lan: Lan,
  pods: PodIndex,
  listeners: (place: PodPlace) => number[],
  proxies: ReadonlyMap<string, KubeProxy>,
): ReturnType<LabNetwork['doors']> {
  const doors: ReturnType<LabNetwork['doors']> = []
  const services = new Map<string, Set<number>>()
  for (const node of lan.nodes()) {
    if (!lan.isOn(node)) continue
    const proxy = proxies.get(node)
    const ports = new Set([...HOST_PORTS, ...(proxy?.healthCheckPorts() ?? [])])
    for (const { address, port } of proxy?.places() ?? []) {
      // an address of the machine itself may be an external one of a service too
      if (address === '' || lan.owner(address) === node) ports.add(port)
      else if (onLan(address) && lan.owner(address) === null) {
        const known = services.get(address)
        if (known) known.add(port)
        else services.set(address, new Set([port]))
      }
    }
    for (const place of pods.onHost(node)) for (const port of listeners(place)) ports.add(port)
    for (const { port } of pods.hostPorts(node)) ports.add(port)
    doors.push({ host: lan.addressOf(node) ?? node, own: true, ports: [...ports].toSorted((a, b) => a - b) })
  }
  for (const [host, ports] of services) doors.push({ host, own: false, ports: [...ports].toSorted((a, b) => a - b) })
  return doors
}
