/**
 * A fail-over on one line: the node dies, the address moves, the cluster notices, the pods are replaced. Everything that has happened is read
 * from the topology's events; what has not, stands where a real cluster was measured to do it, and is marked as expected.
 */
import type { Topology, TopologyEvent, TopologyPod, TopologyService } from '../../server/protocol/topology.ts'
import { focusedService } from './focused-service.ts'

/** Seconds after the power went, on Kubernetes 1.35 with MetalLB 0.15.3. */
const EXPECTED = { moved: 7.2, notReady: 50.7, replaced: 350.7 }
/** Seconds that the line has room for. */
export const TIMELINE_SECONDS = 380

export type MarkKind = keyof typeof EXPECTED

export interface FailoverMark {
  kind: MarkKind
  /** Seconds after the power went. */
  at: number
  happened: boolean
  label: string
}

export interface FailoverPhase {
  from: number
  to: number
  loss: 'all' | 'some' | 'none'
  label: string
  /** It has begun. */
  begun: boolean
}

export interface Failover {
  /** The node that it is about: the one that went off last, or the one that would hurt most. null: there is none. */
  node: string | null
  /** Lab time of the power-off, ms since the epoch; null while the node is alive. */
  start: number | null
  /** Seconds after the power went when the node came back, or null. */
  back: number | null
  marks: FailoverMark[]
  phases: FailoverPhase[]
}

type Off = Extract<TopologyEvent, { what: 'off' }>

/** What the topology knows of the last fail-over of the (focused) Service's address, or what it expects of the next one. */
export function failoverOf(topology: Topology, name?: string): Failover {
  const service = focusedService(topology, name)
  const off = topology.history.findLast((event) => event.what === 'off') ?? null
  const node = off?.node ?? service?.announcedBy ?? null
  const later = off === null ? [] : topology.history.slice(topology.history.indexOf(off) + 1)
  const seconds = (at: number): number => Math.max(0, (at - (off?.at ?? 0)) / 1000)
  const on = later.find((event) => event.what === 'on' && event.node === node)
  const happened: Partial<Record<MarkKind, number>> = {}
  if (off !== null) {
    const moved = later.find((event) => event.what === 'moved' && event.from === node)
    if (moved !== undefined) happened.moved = seconds(moved.at)
    const notReady = later.find((event) => event.what === 'not-ready' && event.node === node)
    if (notReady !== undefined) happened.notReady = seconds(notReady.at)
    const replaced = replacedAt(topology, service, off, notReady?.at)
    if (replaced !== null) happened.replaced = seconds(replaced)
  }
  const at = (kind: MarkKind): number => happened[kind] ?? EXPECTED[kind]
  const marks = (Object.keys(EXPECTED) as MarkKind[]).map((kind): FailoverMark => {
    return { kind, at: at(kind), happened: happened[kind] !== undefined, label: `${Math.floor(at(kind))}초 ${MARK_WORDS[kind]}` }
  })
  const share = shareOf(topology, service, node, off)
  const local = service?.externalTrafficPolicy === 'Local'
  const phases: FailoverPhase[] = [
    { from: 0, to: at('moved'), ...before(share), begun: off !== null },
    { from: at('moved'), to: at('notReady'), ...between(share, local), begun: happened.moved !== undefined },
    { from: at('notReady'), to: at('replaced'), ...afterwards(share), begun: happened.notReady !== undefined },
    { from: at('replaced'), to: TIMELINE_SECONDS, loss: 'none', label: '', begun: happened.replaced !== undefined },
  ]
  return { node, start: off?.at ?? null, back: on === undefined ? null : seconds(on.at), marks, phases }
}

const MARK_WORDS: Record<MarkKind, string> = { moved: '주소 이동', notReady: 'NotReady', replaced: 'Pod 대체' }

interface Share {
  here: number
  all: number
}

/** How many of the Service's endpoints the node has, or had when it died. */
function shareOf(topology: Topology, service: TopologyService | null, node: string | null, off: Off | null): Share {
  if (service === null) return { here: 0, all: 0 }
  const then = off?.endpoints[service.uid]
  if (then !== undefined) return then
  const names = new Set(service.endpoints)
  const here = Object.values(topology.pods).filter((pod) => pod.node === node && names.has(pod.name) && pod.namespace === service.namespace)
  return { here: here.length, all: service.endpoints.length }
}

/** When the last replacement for the dead node's pods was created, once those pods are on their way out; null before. */
function replacedAt(topology: Topology, service: TopologyService | null, off: Off, notReady: number | undefined): number | null {
  if (service === null || notReady === undefined) return null
  const mine = Object.values(topology.pods).filter((pod) => belongs(pod, service))
  if (mine.some((pod) => pod.node === off.node && !pod.terminating && pod.createdAt < off.at)) return null
  const created = mine.filter((pod) => pod.createdAt > notReady && pod.node !== off.node).map((pod) => pod.createdAt)
  return created.length === 0 ? null : Math.max(...created)
}

function belongs(pod: TopologyPod, { namespace, selector }: TopologyService): boolean {
  return pod.namespace === namespace && Object.entries(selector).every(([key, value]) => pod.labels[key] === value)
}

/** While every frame goes to the dead node. Where there is nothing to lose, nothing is claimed. */
function before({ all }: Share): Pick<FailoverPhase, 'loss' | 'label'> {
  return all === 0 ? { loss: 'none', label: '' } : { loss: 'all', label: '전부 손실' }
}

/** After the address has moved and before the cluster knows: kube-proxy still picks the dead pods. */
function between({ here, all }: Share, local: boolean): Pick<FailoverPhase, 'loss' | 'label'> {
  if (all === 0) return { loss: 'none', label: '' }
  if (here === 0 || local) return { loss: 'none', label: '손실 없음' }
  if (here === all) return { loss: 'all', label: '전부 손실' }
  const divisor = greatestCommon(here, all)
  return { loss: 'some', label: `${timesInWords(all / divisor)} 번에 ${timesInWords(here / divisor)} 번 손실` }
}

/** Once the dead endpoints are dropped, until the pods are replaced. */
function afterwards({ here, all }: Share): Pick<FailoverPhase, 'loss' | 'label'> {
  if (all === 0) return { loss: 'none', label: '' }
  if (here === all) return { loss: 'all', label: '전부 손실, 남은 Pod가 없다' }
  return { loss: 'none', label: here === 0 ? '손실 없음' : `손실 없음, Pod는 ${countInWords(all - here)}만` }
}

function greatestCommon(a: number, b: number): number {
  return b === 0 ? a : greatestCommon(b, a % b)
}

function timesInWords(count: number): string {
  return ['', '한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉', '열'][count] ?? `${count}`
}

function countInWords(count: number): string {
  return ['', '하나', '둘', '셋', '넷', '다섯', '여섯', '일곱', '여덟', '아홉', '열'][count] ?? `${count}개`
}

/** Where a second stands on a line of `width` px: a root scale, so that 7, 50 and 350 all have room. */
export function timelineX(seconds: number, left: number, width: number): number {
  return left + Math.sqrt(Math.min(TIMELINE_SECONDS, Math.max(0, seconds)) / TIMELINE_SECONDS) * width
}

/** The lab's time as the topology knows it, ms since the epoch: its clock, or an event that is later; null where it has neither. */
export function knownTime(topology: Topology): number | null {
  const times = [topology.clock?.at, topology.history.at(-1)?.at, topology.recent.at(-1)?.at].filter((at) => at !== undefined)
  return times.length === 0 ? null : Math.max(...times)
}
