import headless from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { indexCast } from '../../../components/lab/cast-index.ts'
import { rowsOf, stillScreens, type ScreenParser } from '../../../components/lab/still.ts'
import { sampleCast } from './sample-cast.ts'

const parser = (cols: number, rows: number) =>
  new headless.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true }) as unknown as ScreenParser

async function rowsAfter(data: string, cols = 20, rows = 3) {
  const terminal = parser(cols, rows)
  await new Promise<void>((done) => terminal.write(data, done))
  return rowsOf(terminal.buffer.active, rows)
}

describe('still rows', () => {
  it('hold text in one run per style, without blanks at the end', async () => {
    const [first, second] = await rowsAfter('plain \x1b[1;31mbold red\x1b[0m  \r\nnext')
    expect(first).toMatchObject([
      { text: 'plain ', color: null, bold: false },
      { text: 'bold red', color: '#FF8A8E', bold: true },
    ])
    expect(second).toMatchObject([{ text: 'next' }])
  })

  it('keep blanks that have a colour, and Hangul once', async () => {
    const [first] = await rowsAfter('\x1b[44m  \x1b[0m손실')
    expect(first).toMatchObject([
      { text: '  ', background: '#8FB0FF' },
      { text: '손실', background: null },
    ])
  })

  it('know colours of the cube, greys and true colours, and inverse', async () => {
    const [first] = await rowsAfter('\x1b[38;5;196ma\x1b[38;5;244mb\x1b[38;2;1;2;3mc\x1b[0;7md')
    expect(first?.map(({ color }) => color)).toEqual(['rgb(255, 0, 0)', 'rgb(128, 128, 128)', '#010203', 'var(--term-bg)'])
    expect(first?.at(-1)?.background).toBe('var(--term-ink)')
  })

  it('show the end of what has scrolled', async () => {
    const rows = await rowsAfter('1\r\n2\r\n3\r\n4\r\n5')
    expect(rows.map((row) => row.map((run) => run.text).join(''))).toEqual(['3', '4', '5'])
  })
})

describe('the stills of a recording', () => {
  it('are one screen per segment', async () => {
    const screens = await stillScreens(indexCast(sampleCast()), parser)
    const text = screens.map((rows) => rows.map((row) => row.map((run) => run.text).join('')).filter((line) => line !== ''))
    expect(text).toEqual([['$'], ['$ one', '$'], ['$ one', '$ two', 'end']])
  })
})
