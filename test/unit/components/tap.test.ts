import { describe, expect, it } from 'vitest'
import { tapOf } from '../../../components/lab/tap.ts'

const slide = { left: 100, width: 300 }

describe('a finger on a slide', () => {
  it.each([
    ['goes on at the right', [350, 50, 0], [350, 50, 100], 'next'],
    ['goes on in the middle', [250, 50, 0], [250, 50, 100], 'next'],
    ['goes back at the left', [150, 50, 0], [150, 50, 100], 'previous'],
    ['may tremble', [350, 50, 0], [355, 55, 100], 'next'],
    ['that travels is a swipe', [350, 50, 0], [300, 50, 100], null],
    ['that stays is a press', [350, 50, 0], [350, 50, 900], null],
  ] as const)('%s', (_what, [x, y, time], [toX, toY, until], expected) => {
    expect(tapOf({ x, y, time }, { x: toX, y: toY, time: until }, slide)).toBe(expected)
  })
})
