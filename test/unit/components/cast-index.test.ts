import { describe, expect, it } from 'vitest'
import { indexCast, outputUpTo, segmentOf, stepStatesAt, topologyAt } from '../../../components/lab/cast-index.ts'
import { sampleCast } from './sample-cast.ts'

describe('a recording cut at its markers', () => {
  const index = indexCast(sampleCast())

  it('has a segment per step, and one before them', () => {
    expect(index.segments.map(({ step, exit }) => [step, exit])).toEqual([
      [null, null],
      ['talk.1', 0],
      ['talk.2', null],
    ])
    expect(index.segments.map(({ duration }) => Number(duration.toFixed(3)))).toEqual([0.5, 0.4, 1.8])
  })

  it('finds steps, and the beginning for one that it does not have', () => {
    expect(['talk.1', 'talk.2', 'talk.3', null].map((step) => segmentOf(index, step))).toEqual([1, 2, 0, 0])
  })

  it('knows output and topology at the end of each', () => {
    expect([0, 1, 2].map((segment) => outputUpTo(index, segment).length)).toEqual([2, 9, 19])
    expect([0, 2].map((segment) => Object.keys(topologyAt(index, segment).nodes))).toEqual([['a'], ['a', 'b']])
  })

  const at = (segment: number, playing: boolean): unknown => stepStatesAt(index, segment, playing).map(({ status, exit }) => [status, exit])

  it('tells how the steps stand', () => {
    expect(at(0, false)).toEqual([
      ['pending', null],
      ['pending', null],
    ])
    expect(at(1, true)).toEqual([
      ['running', null],
      ['pending', null],
    ])
    expect(at(1, false)).toEqual([
      ['done', 0],
      ['pending', null],
    ])
    expect(at(2, true)).toEqual([
      ['done', 0],
      ['running', null],
    ])
  })
})
