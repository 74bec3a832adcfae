/** The left column: the client, its ARP table and the Service's card. */
import type { Neighbour, Topology, TopologyService } from '../../server/protocol/topology.ts'
import { COLUMN_WIDTH, type Metrics } from './diagram-metrics.ts'
import type { CardLayout, Words } from './diagram-model.ts'
import { fitText, textWidth, wrapText, type TextStyle } from './diagram-text.ts'
import type { AddressState } from './focused-service.ts'

const INSET = 20
const INNER = COLUMN_WIDTH - 2 * INSET

/** A line of text that fits into `width` px. */
export function line(text: string, x: number, y: number, width: number, style: TextStyle, more: Partial<Words> = {}): Words {
  return {
    ...fitText(text, width, style),
    x,
    y,
    anchor: 'start',
    mono: style.mono ?? false,
    bold: (style.weight ?? 400) > 400,
    tone: 'ink',
    ...more,
  }
}

export function clientCard(topology: Topology, m: Metrics): CardLayout {
  const { y, height, oneLine } = m.client
  const box = { x: 0, y, width: COLUMN_WIDTH, height }
  const title = { size: oneLine ? 24 : 26, weight: 700 } as const
  const address = topology.client ?? '클러스터 밖'
  const style = { size: oneLine ? 19 : 21, mono: topology.client !== null }
  const words = oneLine
    ? [
        line('클라이언트', INSET, y + 39, 130, title),
        line(address, COLUMN_WIDTH - INSET, y + 38, INNER - 128, style, { anchor: 'end', tone: 'soft' }),
      ]
    : [line('클라이언트', INSET, y + height * 0.43, INNER, title), line(address, INSET, y + height * 0.8, INNER, style, { tone: 'soft' })]
  return { ...box, words }
}

/** The lines of the ARP table that matter: the external address first, then the nodes by address; those that nobody answers last. */
function shownNeighbours({ neighbours }: Topology, address: AddressState, rows: number): Neighbour[] {
  const external = 'address' in address ? address.address : null
  const rank = (n: Neighbour): number => (n.address === external ? 0 : n.host === null ? 2 : 1)
  const byAddress = (a: Neighbour, b: Neighbour): number => a.address.localeCompare(b.address, 'en', { numeric: true })
  return neighbours.toSorted((a, b) => rank(a) - rank(b) || byAddress(a, b)).slice(0, rows)
}

export function arpCard(topology: Topology, address: AddressState, m: Metrics): CardLayout {
  const { y, height, title, first, line: lineHeight, rows } = m.arp
  const words = [
    line('클라이언트의 ARP 표', INSET, y + title, INNER, { size: m.service.text - (m.client.oneLine ? 1 : 0) }, { tone: 'soft' }),
  ]
  const shown = shownNeighbours(topology, address, rows)
  const size = m.service.text
  if (shown.length === 0) words.push(line('비어 있음', INSET, y + first, INNER, { size }, { tone: 'soft' }))
  const hidden = topology.neighbours.length - shown.length
  if (hidden > 0)
    words.push(line(`+${hidden}`, COLUMN_WIDTH - INSET, y + title, 60, { size: 18, mono: true }, { anchor: 'end', tone: 'soft' }))
  shown.forEach((neighbour, index) => {
    const external = 'address' in address && neighbour.address === address.address
    const base = y + first + index * lineHeight
    const gone = neighbour.host !== null && topology.poweredOff[neighbour.host] !== undefined
    const host = neighbour.host ?? '대답 없음'
    const left = line(
      neighbour.address,
      INSET,
      base,
      144,
      { size, mono: true, weight: external ? 700 : 400 },
      { tone: external ? 'accent' : 'soft' },
    )
    words.push(left)
    const from = INSET + textWidth(left.text, { size: left.size, mono: true }) + 8
    words.push(
      line(
        `→ ${host}`,
        from,
        base,
        COLUMN_WIDTH - 12 - from,
        { size, mono: neighbour.host !== null },
        { tone: gone || neighbour.host === null ? 'lost' : 'ink' },
      ),
    )
  })
  return { x: 0, y, width: COLUMN_WIDTH, height, words }
}

/** `80:32399`, or `80` where the type opens no port of the nodes. */
function portsOf(service: TopologyService): string {
  const ports = service.ports.map(({ port, nodePort }) => (nodePort === null ? `${port}` : `${port}:${nodePort}`))
  return ports.length === 0 ? '없음' : ports.join(',')
}

function endpointsOf({ endpoints, notReadyEndpoints }: TopologyService): string {
  return notReadyEndpoints === 0 ? `${endpoints.length}` : `${endpoints.length} / ${endpoints.length + notReadyEndpoints}`
}

/** Baseline of the row that holds the external address, on which a pill that is docked nowhere hangs. */
export function externalRow(m: Metrics): number {
  return m.service.y + m.service.first
}

export function serviceCard(
  service: TopologyService,
  address: AddressState,
  holder: string | null,
  m: Metrics,
  height: number,
): CardLayout {
  const { y, name, kind, first, line: lineHeight, text } = m.service
  const words: Words[] = [
    line(service.name, INSET, y + name, INNER, { size: text + 5, weight: 700, mono: true }),
    line(`Service · ${service.type}`, INSET, y + kind, INNER, { size: text }, { tone: 'soft' }),
  ]
  let base = y + first
  const row = (label: string, value: string | null, tone: Words['tone'] = 'ink'): void => {
    const key = line(label, INSET, base, 120, { size: text - 1 }, { tone: 'soft' })
    words.push(key)
    if (value !== null) {
      const room = INNER - 12 - textWidth(key.text, { size: key.size })
      const bold = tone === 'accent' || tone === 'lost'
      words.push(
        line(value, COLUMN_WIDTH - INSET, base, room, { size: text, mono: true, weight: bold ? 700 : 400 }, { anchor: 'end', tone }),
      )
    }
    base += lineHeight
  }
  const docked = holder !== null
  if (service.type === 'LoadBalancer') row('외부 주소', docked && 'address' in address ? address.address : null, 'accent')
  else row('내부 주소', service.clusterIP ?? '없음')
  // A pill that is docked nowhere hangs beside its row and takes a little more room than the row.
  if (!docked && service.type === 'LoadBalancer') base += (m.pill.loose - lineHeight) / 2 + 4
  row('포트', portsOf(service))
  if (service.externalTrafficPolicy !== null && (docked || address.state === 'none')) row('정책', service.externalTrafficPolicy)
  row('엔드포인트', endpointsOf(service))
  if (docked)
    row(address.state === 'held' ? '대답하는 노드' : '대답하는 곳', holder, address.state === 'held' && !address.alive ? 'lost' : 'accent')
  else if ('reason' in address) {
    const style = { size: text + 1, weight: 700 } as const
    const lines = wrapText(address.reason, INNER, style, 2)
    lines.forEach((sentence, index) => words.push(line(sentence, INSET, base + 5 + index * (text + 7), INNER, style)))
  }
  return { x: 0, y, width: COLUMN_WIDTH, height: height - y - 2, words }
}
