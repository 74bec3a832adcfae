import { describe, expect, test } from 'vitest'
import type { Cast } from '../../../server/protocol/asciicast.ts'
import { pagesOf, screensOf } from '../../../server/recording/screens.ts'

function cast(rows: number, ...events: [string, string[]][]): Cast {
  return {
    header: {
      version: 3,
      term: { cols: 40, rows },
      lab: { id: 'talk', steps: [], cluster: { source: 'embedded', kubernetes: 'v1', preset: null } },
    },
    events: [
      { at: 0, code: 'o', data: '$ ' },
      ...events.flatMap(([step, lines]): Cast['events'] => [
        { at: 1, code: 'm', step },
        { at: 1, code: 'o', data: lines.map((line) => `${line}\r\n`).join('') + '$ ' },
      ]),
    ],
  }
}

describe('the screens of a recording', () => {
  test('are what stands at the end of each step', async () => {
    const screens = await screensOf(cast(5, ['a.1', ['one', 'out']], ['a.2', ['two']]))
    expect(screens.map(({ step, rows }) => [step, rows])).toEqual([
      ['a.1', ['$ one', 'out', '$', '', '']],
      ['a.2', ['$ one', 'out', '$ two', '$', '']],
    ])
  })

  test('know where a command stands after it has scrolled away', async () => {
    const screens = await screensOf(cast(3, ['a.1', ['one', '1', '2', '3']], ['a.2', ['two']]))
    expect(screens.map(({ commandRow, topRow }) => [commandRow, topRow])).toEqual([
      [0, 2],
      [4, 3],
    ])
  })
})

describe('the pages that a block needs', () => {
  const steps = ['a.1', 'a.2', 'a.3']

  test('are its final state alone where every command is still on the screen', async () => {
    expect(pagesOf(await screensOf(cast(10, ['a.1', ['x']], ['a.2', ['y']], ['a.3', ['z']])), steps)).toEqual([2])
  })

  test('show every command that the final state has lost, each once', async () => {
    const long = ['out', 'out', 'out', 'out']
    expect(pagesOf(await screensOf(cast(5, ['a.1', ['x']], ['a.2', ['y']], ['a.3', ['z', ...long.slice(0, 2)]])), steps)).toEqual([0, 2])
    expect(pagesOf(await screensOf(cast(5, ['a.1', ['x', ...long]], ['a.2', ['y', ...long]], ['a.3', ['z', ...long]])), steps)).toEqual([
      0, 1, 2,
    ])
  })

  test('are one where there is no recording', () => {
    expect(pagesOf([], steps)).toEqual([2])
  })
})
