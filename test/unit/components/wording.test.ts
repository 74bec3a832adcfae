import { describe, expect, it } from 'vitest'
import { badgeOf, formatAge, labAge, versionsOf } from '../../../components/lab/wording.ts'
import { noticeWords } from '../../../components/lab/notice-words.ts'
import { inEnglish } from '../../../server/english.ts'
import type { Notice } from '../../../server/protocol/notices.ts'
import { emptyTopology } from '../../../server/protocol/topology.ts'

const embedded = { source: 'embedded', kubernetes: 'v1.35.4', preset: 'today', context: 'lab' } as const

describe('the badge', () => {
  it.each([
    ['live', embedded, '내장 랩'],
    ['live', { ...embedded, source: 'real' as const }, '실제 클러스터'],
    ['live', null, '연결 중'],
    ['connecting', null, '연결 중'],
    ['recorded', embedded, '녹화'],
    ['still', embedded, '녹화'],
    ['none', null, '녹화 없음'],
  ] as const)('of a %s lab on %j is %s', (source, cluster, words) => {
    expect(badgeOf(source, cluster)).toBe(words)
  })
})

describe('the versions', () => {
  it.each([
    [embedded, null, 'Kubernetes 1.35'],
    [embedded, 'v0.15.3', 'Kubernetes 1.35 · MetalLB 0.15.3'],
    [null, null, ''],
  ])('of %j with MetalLB %s', (cluster, metallb, words) => {
    expect(versionsOf(cluster, { ...emptyTopology(), software: { kubernetes: null, metallb } })).toBe(words)
  })
})

describe("the lab's time", () => {
  it('counts from the start of the run', () => {
    const topology = { ...emptyTopology(), clock: { at: 322_000, speed: 1, started: 1000 } }
    expect(labAge(topology)).toBe(321_000)
    expect(labAge({ ...topology, clock: null })).toBeNull()
    expect(labAge({ ...topology, clock: { at: 5, speed: 1 } })).toBeNull()
  })

  it.each([
    [0, '00:00'],
    [42_999, '00:42'],
    [321_000, '05:21'],
    [3_921_000, '1:05:21'],
  ])('of %i ms is %s', (milliseconds, words) => {
    expect(formatAge(milliseconds)).toBe(words)
  })
})

describe('what the bridge has to say', () => {
  it.each<[Notice, string, string]>([
    [
      { kind: 'busy', program: 'vi', interrupts: false },
      '터미널에서 vi 실행 중 · 끝나면(q, :q, Ctrl-C) 이 단계를 실행합니다',
      'vi runs in the terminal: the step runs once it has ended (q, :q or Ctrl-C)',
    ],
    [
      { kind: 'busy', program: 'kubectl', interrupts: true },
      '터미널에서 kubectl 실행 중 · 곧 Ctrl-C로 끝내고 이 단계를 실행합니다',
      'kubectl runs in the terminal: it is about to be interrupted',
    ],
    [{ kind: 'exit', exit: 1, expected: '0' }, '종료 코드 1 (예상: 0)', 'exit code 1, expected 0'],
    [
      { kind: 'check', check: 'service/x exists', found: { kind: 'absent', name: 'service/x' } },
      'service/x exists · 실제: service/x 없음',
      'service/x exists: service/x does not exist',
    ],
    [
      { kind: 'restarting', ended: 'SIGKILL' },
      '랩이 멈췄습니다(SIGKILL) · 다시 시작하고 있습니다',
      "the lab's process ended with SIGKILL: it is being started anew",
    ],
  ])('%j is worded for the slides and for the command line', (notice, slides, line) => {
    expect(noticeWords(notice)).toBe(slides)
    expect(inEnglish(notice)).toBe(line)
  })
})
