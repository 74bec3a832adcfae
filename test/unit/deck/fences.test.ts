import { describe, expect, it } from 'vitest'
import { findLabFences } from '../../../server/deck/fences.ts'

const find = (text: string) => findLabFences(text.split('\n'))

describe('lab fences', () => {
  it('are found with their info and lines', () => {
    expect(find('# Title\n\n```lab talk cols=150\n# a\n\n? b\n```\n\ntext')).toEqual([
      { line: 2, end: 7, info: 'talk cols=150', lines: ['# a', '', '? b'], closed: true },
    ])
  })

  it.each([
    ['other languages', '```bash\n# a\n```'],
    ['a word that only begins with lab', '```label x\n# a\n```'],
    ['a fence within a longer one', '````md\n```lab talk\n# a\n```\n````'],
    ['a comment', '<!--\n```lab talk\n# a\n```\n-->'],
    ['a comment that begins and ends within lines', 'x <!-- y\n```lab talk\n# a\n```\nz --> w'],
    ['indented code', '    ```lab talk\n    # a\n    ```'],
  ])('are not %s', (_what, text) => {
    expect(find(text)).toEqual([])
  })

  it('are found after a comment that is closed, and after other fences', () => {
    expect(find('<!-- x -->\n```\n<!--\n```\n```lab talk\n# a\n```').map((fence) => fence.line)).toEqual([4])
  })

  it('may be of tildes, longer, and indented up to three spaces', () => {
    expect(find('~~~lab a\n# x\n~~~\n  ````lab b\n  # y\n   ````').map(({ info, lines }) => [info, lines])).toEqual([
      ['a', ['# x']],
      ['b', ['# y']],
    ])
  })

  it('say where they are not closed', () => {
    expect(find('```lab talk\n# a')).toMatchObject([{ closed: false, lines: ['# a'], end: 2 }])
  })
})
