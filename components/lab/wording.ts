/** The words of the step bar. */
import type { ClusterIdentity, StepStatus } from '../../server/protocol/messages.ts'
import type { Topology } from '../../server/protocol/topology.ts'
import type { LabSource } from './session.ts'

export const STATUS_WORDS: Record<StepStatus, string> = {
  pending: '실행 전',
  waiting: '대기 중',
  running: '실행 중',
  done: '완료',
  failed: '실패',
}

/** Where what the pane shows comes from. The embedded lab never passes for a real cluster. */
export function badgeOf(source: LabSource | 'still', cluster: ClusterIdentity | null): string {
  if (source === 'connecting') return '연결 중'
  if (source === 'none') return '녹화 없음'
  if (source !== 'live') return '녹화'
  if (!cluster) return '연결 중'
  return cluster.source === 'embedded' ? '내장 랩' : '실제 클러스터'
}

/** `Kubernetes 1.35 · MetalLB 0.15.3`, as far as it is known. Kubernetes without its patch version, as on the slides. */
export function versionsOf(cluster: Pick<ClusterIdentity, 'kubernetes'> | null, topology: Topology): string {
  const kubernetes = cluster?.kubernetes ?? topology.software.kubernetes
  const parts: string[] = []
  const short = kubernetes ? /^v?(\d+\.\d+)/.exec(kubernetes)?.[1] : null
  if (short) parts.push(`Kubernetes ${short}`)
  if (topology.software.metallb) parts.push(`MetalLB ${topology.software.metallb.replace(/^v/, '')}`)
  return parts.join(' · ')
}

/** Lab time since the lab's start or its last reset, in ms, or null where the lab has no clock of its own: a real cluster. */
export function labAge({ clock }: Topology): number | null {
  return clock?.started === undefined ? null : Math.max(0, clock.at - clock.started)
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `05:21`, from an hour on `1:05:21`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const minutes = Math.floor(seconds / 60)
  const clock = `${two(minutes % 60)}:${two(seconds % 60)}`
  return minutes < 60 ? clock : `${Math.floor(minutes / 60)}:${clock}`
}
