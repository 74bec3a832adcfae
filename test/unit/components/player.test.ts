import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { indexCast, LONGEST_PAUSE, outputUpTo, topologyAt } from '../../../components/lab/cast-index.ts'
import { createPlayer, type Player } from '../../../components/lab/player.ts'
import { applyChange, emptyTopology, type Topology } from '../../../server/protocol/topology.ts'
import { FakeClock } from './fake-clock.ts'
import { sampleCast } from './sample-cast.ts'

const index = indexCast(sampleCast())

/** A screen and a diagram that only remember. */
function setting() {
  const clock = new FakeClock()
  const seen = { output: '', topology: emptyTopology(), jumps: 0, at: 'nowhere' }
  const player = createPlayer(
    index,
    {
      show(output: string, topology: Topology) {
        Object.assign(seen, { output, topology, jumps: seen.jumps + 1 })
      },
      output: (data) => void (seen.output += data),
      topology: (changes) => void (seen.topology = changes.reduce(applyChange, seen.topology)),
      position: (segment, playing) => void (seen.at = `${playing ? 'playing' : 'parked'} ${segment}`),
    },
    clock,
  )
  return { clock, seen, player }
}

describe('a player', () => {
  it('parked at a step shows its end at once', () => {
    const { seen, player, clock } = setting()
    player.park(1)
    expect(seen).toMatchObject({ output: '$ one\r\n$ ', at: 'parked 1', jumps: 1 })
    expect(Object.keys(seen.topology.nodes)).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('plays a step in its time, terminal and topology by one clock, and long pauses cut', () => {
    const { seen, player, clock } = setting()
    player.park(1)
    player.play(2)
    expect(seen).toMatchObject({ output: '$ one\r\n$ ', at: 'playing 2' })
    clock.forward(499)
    expect(seen.output).toBe('$ one\r\n$ ')
    clock.forward(1)
    expect(seen.output).toBe('$ one\r\n$ two\r\n')
    clock.forward(LONGEST_PAUSE * 1000 - 1)
    expect(Object.keys(seen.topology.nodes)).toEqual(['a'])
    clock.forward(1)
    expect(Object.keys(seen.topology.nodes)).toEqual(['a', 'b'])
    clock.forward(101)
    expect(seen).toMatchObject({ output: '$ one\r\n$ two\r\nend\r\n', at: 'parked 2', jumps: 1 })
    expect(clock.pending).toBe(0)
  })

  type Event = ['park' | 'play', number] | ['forward', number] | ['stop']
  it.each<[string, Event[], string, string]>([
    [
      'parks elsewhere',
      [
        ['park', 0],
        ['park', 2],
      ],
      'parked 2',
      '$ one\r\n$ two\r\nend\r\n',
    ],
    [
      'goes back at once',
      [
        ['park', 2],
        ['park', 0],
      ],
      'parked 0',
      '$ ',
    ],
    [
      'jumps to the step before the one that it plays',
      [
        ['park', 0],
        ['play', 2],
      ],
      'playing 2',
      '$ one\r\n$ ',
    ],
    ['plays a step from nowhere', [['play', 1]], 'playing 1', '$ '],
    [
      'finishes a step when the next is clicked',
      [
        ['park', 0],
        ['play', 1],
        ['forward', 50],
        ['play', 2],
      ],
      'playing 2',
      '$ one\r\n$ ',
    ],
    [
      'goes on when the same step is clicked twice',
      [
        ['park', 0],
        ['play', 1],
        ['forward', 150],
        ['play', 1],
      ],
      'playing 1',
      '$ one\r\n',
    ],
    [
      'finishes the step that it is told to park at',
      [
        ['park', 0],
        ['play', 1],
        ['forward', 50],
        ['park', 1],
      ],
      'parked 1',
      '$ one\r\n$ ',
    ],
    [
      'leaves a step that it is taken back from',
      [
        ['park', 0],
        ['play', 1],
        ['forward', 150],
        ['park', 0],
      ],
      'parked 0',
      '$ ',
    ],
    [
      'plays a step again after it went back',
      [
        ['park', 1],
        ['park', 0],
        ['play', 1],
        ['forward', 150],
      ],
      'playing 1',
      '$ one\r\n',
    ],
    ['parks at the last step where it is asked for more', [['play', 9]], 'parked 2', '$ one\r\n$ two\r\nend\r\n'],
    ['shows the beginning where it is asked to play it', [['play', 0]], 'parked 0', '$ '],
    ['says nothing more when it is stopped', [['park', 0], ['play', 1], ['stop'], ['forward', 9999]], 'playing 1', '$ '],
    ['starts anew after it was stopped', [['park', 1], ['stop'], ['park', 1]], 'parked 1', '$ one\r\n$ '],
  ])('%s', (_what, events, at, output) => {
    const { seen, player, clock } = setting()
    for (const [event, value] of events as [string, number][]) {
      if (event === 'forward') clock.forward(value)
      else if (event === 'stop') player.stop()
      else (player as unknown as Record<string, (n: number) => void>)[event]?.(value)
    }
    expect(seen).toMatchObject({ at, output })
  })

  it('shows the same at the end of a step, however it got there', () => {
    const move = fc.oneof(
      fc.record({ kind: fc.constantFrom('park' as const, 'play' as const), to: fc.nat(3) }),
      fc.record({ kind: fc.constant('forward' as const), to: fc.nat(2000) }),
    )
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), fc.nat(2), (moves, last) => {
        const { seen, player, clock } = setting()
        for (const { kind, to } of moves) {
          if (kind === 'forward') clock.forward(to)
          else (player as Player)[kind](to)
        }
        player.park(last)
        expect(seen.output).toBe(outputUpTo(index, last))
        expect(seen.topology).toEqual(topologyAt(index, last))
        expect(clock.pending).toBe(0)
      }),
    )
  })
})
