import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFenceInfo } from '../../../server/deck/info.ts'

const presets = ['today', '2021']

describe("a lab's info string", () => {
  it.each([
    ['talk', { lab: 'talk', preset: null, cols: null, rows: null }],
    ['talk cols=150 rows=14', { lab: 'talk', preset: null, cols: 150, rows: 14 }],
    ['old-way  preset=2021', { lab: 'old-way', preset: '2021', cols: null, rows: null }],
  ])('reads %s', (info, expected) => {
    expect(parseFenceInfo(info, presets)).toEqual(expected)
  })

  it.each([
    ['', 'has no name'],
    ['Talk', 'is no name for a lab'],
    ['talk wide', '"wide" is no option'],
    ['talk width=3', '"width" is no option'],
    ['talk cols=', '"cols=" is no option'],
    ['talk cols=0', 'from 40 to 240'],
    ['talk cols=12.5', 'from 40 to 240'],
    ['talk rows=1000', 'from 4 to 60'],
    ['talk cols=100 cols=100', 'given twice'],
    ['talk preset=1999', 'expected one of today, 2021'],
  ])('refuses "%s"', (info, message) => {
    expect(parseFenceInfo(info, presets)).toEqual({ error: expect.stringContaining(message) })
  })

  it('reads what was written', () => {
    const any = fc.record({
      lab: fc.stringMatching(/^[a-z0-9-]{1,40}$/),
      preset: fc.option(fc.constantFrom(...presets)),
      cols: fc.option(fc.integer({ min: 40, max: 240 })),
      rows: fc.option(fc.integer({ min: 4, max: 60 })),
    })
    fc.assert(
      fc.property(any, (info) => {
        const options = (['preset', 'cols', 'rows'] as const).filter((key) => info[key] !== null).map((key) => `${key}=${info[key]}`)
        expect(parseFenceInfo([info.lab, ...options].join(' '), presets)).toEqual(info)
      }),
    )
  })
})
