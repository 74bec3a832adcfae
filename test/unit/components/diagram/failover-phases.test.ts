import { describe, expect, test } from 'vitest'
import { failoverOf, knownTime, TIMELINE_SECONDS, timelineX } from '../../../../components/diagram/failover-phases.ts'
import { APP, balancer, endpoints, HELD, sixPods } from '../../../../components/scenes/echo-cluster.ts'
import { ADDRESS, fold, metallb, node, nodes, pod } from '../../../../components/scenes/scene-parts.ts'
import type { Topology, TopologyChange, TopologyService } from '../../../../server/protocol/topology.ts'
import { T0 } from './sample-topologies.ts'

const cluster = (more: Partial<TopologyService> = {}): TopologyChange[] => [
  ...nodes('running'),
  metallb(),
  ...sixPods(),
  balancer({ ...HELD, ...more }),
  { op: 'gratuitous-arp', address: ADDRESS, host: 'w1-k8s', at: T0 - 60_000 },
]
const arp = (seconds: number): TopologyChange => ({ op: 'gratuitous-arp', address: ADDRESS, host: 'w3-k8s', at: T0 + seconds * 1000 })
/** What was measured on a real cluster, in its order. */
const story: [name: string, TopologyChange[]][] = [
  ['alive', []],
  ['off', [{ op: 'power', node: 'w1-k8s', on: false, at: T0 }]],
  ['moved', [arp(6.4), arp(7.5), balancer({ ...HELD, announcedBy: 'w3-k8s' })]],
  [
    'noticed',
    [
      node('w1-k8s', { ready: 'Unknown', readySince: T0 + 51_000 }),
      balancer({ ...HELD, announcedBy: 'w3-k8s', endpoints: endpoints('96wqb', 'dct2x', 'lfxzt', 'lwpbz'), notReadyEndpoints: 2 }),
      arp(51.7),
    ],
  ],
  [
    'evicted',
    ['4t5lz', 'jn6hr'].map((last) => pod(APP, last, 'w1-k8s', '172.16.1.4', 0, { terminating: true, status: 'Terminating', ready: false })),
  ],
  ['replaced', ['aaaa1', 'aaaa2'].map((last) => pod(APP, last, 'w2-k8s', '172.16.2.9', 0, { createdAt: T0 + 351_000 }))],
  ['back', [{ op: 'power', node: 'w1-k8s', on: true, at: T0 + 420_000 }, node('w1-k8s', { ready: 'True', readySince: T0 + 421_000 })]],
]

function upTo(last: string, more: Partial<TopologyService> = {}): Topology {
  const index = story.findIndex(([name]) => name === last)
  return fold([...cluster(more), ...story.slice(0, index + 1).flatMap(([, changes]) => changes)])
}

const marks = (topology: Topology): string[] =>
  failoverOf(topology).marks.map(({ label, happened }) => `${label}${happened ? '' : ' (expected)'}`)
const phases = (topology: Topology): string[] =>
  failoverOf(topology).phases.map(({ label, begun }) => `${label}${begun ? '' : ' (to come)'}`)

describe('the timeline of a fail-over', () => {
  test('shows what is to be expected while the node lives', () => {
    const topology = upTo('alive')
    expect(failoverOf(topology)).toMatchObject({ node: 'w1-k8s', start: null, back: null })
    expect(marks(topology)).toEqual(['7초 주소 이동 (expected)', '50초 NotReady (expected)', '350초 Pod 대체 (expected)'])
  })

  test.each([
    ['off', ['7초 주소 이동 (expected)', '50초 NotReady (expected)', '350초 Pod 대체 (expected)']],
    ['moved', ['6초 주소 이동', '50초 NotReady (expected)', '350초 Pod 대체 (expected)']],
    ['noticed', ['6초 주소 이동', '51초 NotReady', '350초 Pod 대체 (expected)']],
    ['evicted', ['6초 주소 이동', '51초 NotReady', '350초 Pod 대체 (expected)']],
    ['replaced', ['6초 주소 이동', '51초 NotReady', '351초 Pod 대체']],
    ['back', ['6초 주소 이동', '51초 NotReady', '351초 Pod 대체']],
  ])('marks what has happened, when it has: %s', (name, expected) => {
    expect(marks(upTo(name))).toEqual(expected)
  })

  test.each([
    ['off', ['전부 손실', '세 번에 한 번 손실 (to come)', '손실 없음, Pod는 넷만 (to come)', ' (to come)']],
    ['noticed', ['전부 손실', '세 번에 한 번 손실', '손실 없음, Pod는 넷만', ' (to come)']],
    ['replaced', ['전부 손실', '세 번에 한 번 손실', '손실 없음, Pod는 넷만', '']],
  ])('says how many requests are lost, by where the endpoints were when the node died: %s', (name, expected) => {
    expect(phases(upTo(name))).toEqual(expected)
  })

  test.each<[string, Partial<TopologyService>, string, string]>([
    ['every replica sat on the dead node', { endpoints: endpoints('4t5lz', 'jn6hr') }, '전부 손실', '전부 손실, 남은 Pod가 없다'],
    ['none sat on it', { endpoints: endpoints('96wqb', 'lfxzt') }, '손실 없음', '손실 없음'],
    ['the policy is Local', { externalTrafficPolicy: 'Local' }, '손실 없음', '손실 없음, Pod는 넷만'],
    [
      'two of five sat on it',
      { endpoints: endpoints('4t5lz', 'jn6hr', '96wqb', 'dct2x', 'lfxzt') },
      '다섯 번에 두 번 손실',
      '손실 없음, Pod는 셋만',
    ],
  ])('knows what it means that %s', (_, more, second, third) => {
    const topology = upTo('off', more)
    expect(
      failoverOf(topology)
        .phases.slice(1, 3)
        .map(({ label }) => label),
    ).toEqual([second, third])
  })

  test('claims nothing of a cluster without a Service', () => {
    expect(phases(fold(nodes()))).toEqual([' (to come)', ' (to come)', ' (to come)', ' (to come)'])
    expect(failoverOf(fold(nodes())).phases.every(({ loss }) => loss === 'none')).toBe(true)
  })

  test('ends where the node comes back, and keeps what it has measured', () => {
    expect(failoverOf(upTo('back'))).toMatchObject({ node: 'w1-k8s', start: T0, back: 420 })
  })

  test('gives 7, 50 and 350 seconds room on a root scale', () => {
    const at = (seconds: number): number => Math.round(timelineX(seconds, 0, 1600))
    expect([at(0), at(7), at(50), at(350), at(TIMELINE_SECONDS), at(9_999)]).toEqual([0, 217, 580, 1536, 1600, 1600])
  })

  test('takes the time from the clock, or from a later event', () => {
    expect(knownTime(fold([]))).toBeNull()
    expect(knownTime(fold([{ op: 'clock', at: T0 + 5, speed: 1 }]))).toBe(T0 + 5)
    expect(knownTime(fold([{ op: 'clock', at: T0 - 5, speed: 1 }], upTo('off')))).toBe(T0)
  })
})
