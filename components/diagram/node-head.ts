/** A node's name, address and state. */
import type { Topology, TopologyNode } from '../../server/protocol/topology.ts'
import { line } from './client-column.ts'
import { NODE_INSET, type Metrics } from './diagram-metrics.ts'
import type { Box, Words } from './diagram-model.ts'
import { SMALLEST_TEXT, textWidth } from './diagram-text.ts'

/** kubectl's STATUS of a node that is ready, the fullest form first. */
function believed(node: TopologyNode): string[] {
  return node.schedulable ? ['Ready'] : ['SchedulingDisabled', 'cordon']
}

/** Node names of a cloud carry its domain; where the nodes share it, it says nothing. */
function shortNodeName(name: string, topology: Topology): string {
  const [host = name, ...domain] = name.split('.')
  const shared = Object.keys(topology.nodes).every((other) => other.split('.').slice(1).join('.') === domain.join('.'))
  const ambiguous = Object.keys(topology.nodes).filter((other) => other.split('.')[0] === host).length > 1
  return shared || !ambiguous ? host : name
}

/** What stands at the head of a node's box. `silent`: it is off or not ready, which its row tells. `plain`: no Kubernetes runs on it. */
export function headWords(
  topology: Topology,
  node: TopologyNode,
  box: Box,
  { silent, plain }: { silent: boolean; plain: boolean },
  m: Metrics,
): Words[] {
  const inset = box.width < 200 ? NODE_INSET - 2 : NODE_INSET + 4
  const x = box.x + inset
  const right = box.x + box.width - inset
  const inner = right - x
  const name = shortNodeName(node.name, topology)
  const nameStyle = { size: m.node.name, weight: 700, mono: true } as const
  const stateStyle = { size: m.node.rowText, weight: 400 } as const
  const words: Words[] = []
  let room = inner
  // While it says nothing, its row tells the state. Otherwise the plain word gives way to the name, the unusual one does not.
  const least = textWidth(name, { ...nameStyle, size: SMALLEST_TEXT })
  const wanted = node.schedulable ? least : Math.min(least, inner * 0.5)
  const state =
    silent || plain
      ? undefined
      : believed(node).find((text) => textWidth(text, { ...stateStyle, size: SMALLEST_TEXT }) <= inner - wanted - 12)
  if (state !== undefined) {
    const shown = line(state, right, box.y + m.node.nameBase, inner - wanted - 12, stateStyle, {
      anchor: 'end',
      tone: node.schedulable ? 'soft' : 'ink',
    })
    words.push(shown)
    room = inner - textWidth(shown.text, { size: shown.size }) - 12
  }
  words.push(line(name, x, box.y + m.node.nameBase, room, nameStyle, { tone: silent ? 'soft' : 'ink' }))
  words.push(line(node.address, x, box.y + m.node.addressBase, inner, { size: m.node.address, mono: true }, { tone: 'soft' }))
  return words
}
