/** What the diagram draws, read from its drawing, and what it has to draw, told by the cluster's own objects or a recording. */
import type { Locator } from '@playwright/test'
import type { Topology } from '../../../server/protocol/topology.ts'
import type { Kubectl } from './kubectl.ts'

export interface Drawn {
  /** By name: what its box says, and whether it is drawn as switched off. */
  nodes: Record<string, { address: string | null; off: boolean; pods: string[] }>
  /** What the service's card says, without values that have no row. */
  service: { name: string; type: string; ports: string } | null
  /** The address's pill: its text, and the node on which it is docked. */
  address: { text: string; on: string | null } | null
}

/** Reads a drawing. Geometry counts: the address is on the node in whose width its pill stands. */
export function readDiagram(diagram: Locator): Promise<Drawn> {
  return diagram.locator('svg.service-diagram').evaluate((svg): Drawn => {
    const texts = (element: Element | null): string[] =>
      [...(element?.querySelectorAll('text') ?? [])].map((text) => (text.textContent ?? '').trim())
    const number = (element: Element, name: string): number => Number(element.getAttribute(name))
    const nodes: Drawn['nodes'] = {}
    for (const node of svg.querySelectorAll('[data-node]')) {
      const name = node.getAttribute('data-node') as string
      const box = svg.querySelector(`[data-box="${name}"]`)
      const head = texts(node.querySelector('.node-words'))
      // a tile says the end of its pod's name; one that stands for several says how many
      const pods = [...node.querySelectorAll('[data-pods]')].flatMap((tile) => {
        const names = (tile.getAttribute('data-pods') as string).split(' ')
        const [said = ''] = texts(tile)
        const right = names.length > 1 ? said === `+${names.length}` : said === 'controller' || (names[0] as string).endsWith(said)
        return right && svg.querySelector(`[data-tile="${names.join(' ')}"]`) ? names : [`${names.join(' ')} is drawn as "${said}"`]
      })
      nodes[head.includes(name) ? name : `${name} is drawn as "${head.join(' ')}"`] = {
        address: head.find((text) => /^\d+(\.\d+){3}$/.test(text)) ?? null,
        off: box?.classList.contains('off') ?? false,
        pods: pods.toSorted(),
      }
    }
    const card = svg.querySelector('[data-part="service"]')
    const words = texts(card)
    const pill = svg.querySelector('.pill')
    const rect = pill?.querySelector('rect')
    const middle = rect ? number(rect, 'x') + number(rect, 'width') / 2 : 0
    const under = [...svg.querySelectorAll('[data-box]')].find(
      (box) => number(box, 'x') <= middle && middle <= number(box, 'x') + number(box, 'width'),
    )
    return {
      nodes,
      service: card && {
        name: words[0] ?? '',
        type: (words[1] ?? '').replace('Service · ', ''),
        ports: words[words.indexOf('포트') + 1] ?? '',
      },
      address: pill && { text: texts(pill)[0] ?? '', on: under?.getAttribute('data-box') ?? null },
    }
  })
}

const MAIN = 'default'
const isController = (pod: { namespace: string; labels: Record<string, string> }): boolean =>
  pod.namespace === 'metallb-system' && pod.labels.component === 'controller'

/** What has to be drawn, from objects as `kubectl get -o json` gives them; which machines are off, only the lab knows. */
export async function diagramOf(kubectl: Kubectl): Promise<Drawn> {
  const [nodes, pods, services, status] = await Promise.all([
    kubectl.json(['get', 'nodes']),
    kubectl.json(['get', 'pods', '-A']),
    kubectl.json(['get', 'services', '-n', MAIN]),
    kubectl.status(),
  ])
  const focused = services.items
    .filter((service: any) => service.metadata.name !== 'kubernetes')
    .toSorted((one: any, other: any) => Date.parse(other.metadata.creationTimestamp) - Date.parse(one.metadata.creationTimestamp))[0]
  const drawn: Drawn = { nodes: {}, service: null, address: null }
  for (const node of nodes.items) {
    const { name } = node.metadata
    drawn.nodes[name] = {
      address: node.status.addresses.find((address: any) => address.type === 'InternalIP').address,
      off: status.nodes.some((machine) => machine.name === name && !machine.on),
      pods: pods.items
        .filter((pod: any) => pod.spec.nodeName === name)
        .filter(
          ({ metadata }: any) => metadata.namespace === MAIN || isController({ namespace: metadata.namespace, labels: metadata.labels }),
        )
        .map((pod: any) => pod.metadata.name)
        .toSorted(),
    }
  }
  if (!focused) return drawn
  const { name } = focused.metadata
  const ports = focused.spec.ports.map((port: any) => (port.nodePort ? `${port.port}:${port.nodePort}` : `${port.port}`)).join(',')
  drawn.service = { name, type: focused.spec.type, ports }
  if (focused.spec.type !== 'LoadBalancer') return drawn
  const address = focused.status.loadBalancer.ingress?.[0]?.ip
  drawn.address = { text: address ?? '<pending>', on: address ? await announcerOf(kubectl, name) : null }
  return drawn
}

/** The node of the last announcement: the status that a speaker wrote stays when its node dies. */
async function announcerOf(kubectl: Kubectl, service: string): Promise<string | null> {
  const fields = `involvedObject.name=${service},reason=nodeAssigned`
  const { items } = await kubectl.json(['get', 'events', '-n', MAIN, '--field-selector', fields])
  const last = items.toSorted((one: any, other: any) => Date.parse(one.lastTimestamp) - Date.parse(other.lastTimestamp)).at(-1)
  return /announcing from node "([^"]+)"/.exec(last?.message ?? '')?.[1] ?? null
}

/** What has to be drawn of a topology: that of a recording. */
export function diagramOfTopology(topology: Topology): Drawn {
  const pods = Object.values(topology.pods).filter((pod) => pod.namespace === MAIN || isController(pod))
  const nodes = Object.values(topology.nodes).map(({ name, address }) => {
    const here = pods.filter((pod) => pod.node === name).map((pod) => pod.name)
    return [name, { address, off: topology.poweredOff[name] !== undefined, pods: here.toSorted() }] as const
  })
  const focused = Object.values(topology.services)
    .filter(({ namespace, name }) => namespace === MAIN && name !== 'kubernetes')
    .toSorted((one, other) => other.createdAt - one.createdAt)[0]
  const drawn: Drawn = { nodes: Object.fromEntries(nodes), service: null, address: null }
  if (!focused) return drawn
  const ports = focused.ports.map(({ port, nodePort }) => (nodePort === null ? `${port}` : `${port}:${nodePort}`)).join(',')
  drawn.service = { name: focused.name, type: focused.type, ports }
  if (focused.type !== 'LoadBalancer') return drawn
  const [address] = focused.externalAddresses
  const on = address === undefined || focused.announcedBy === null ? null : (topology.holders[address]?.host ?? focused.announcedBy)
  drawn.address = { text: address ?? '<pending>', on }
  return drawn
}
