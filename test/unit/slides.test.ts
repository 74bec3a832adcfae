import { fileURLToPath } from 'node:url'
import { load } from '@slidev/parser/fs'
import { describe, expect, it } from 'vitest'
import { sceneNamed } from '../../components/scenes/scene-index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const deck = await load({ userRoot: root, roots: [root] }, `${root}/slides.md`)

/** `2:30` in seconds. */
function seconds(time: string): number {
  const [minutes, rest] = time.split(':').map(Number)
  return minutes! * 60 + rest!
}

describe('the talk', () => {
  it('has 24 slides', () => {
    expect(deck.slides).toHaveLength(24)
  })

  it('says on every slide how long it takes and how late it is then, 40 minutes in all', () => {
    let total = 0
    for (const slide of deck.slides) {
      const timing = /^\*\*시간 (\d+:\d\d) \(누적 (\d+:\d\d)\)\*\*/.exec(slide.note ?? '')
      expect(timing, `slide ${slide.index + 1} begins its notes with its timing`).not.toBeNull()
      total += seconds(timing![1]!)
      expect(seconds(timing![2]!), `slide ${slide.index + 1}`).toBe(total)
    }
    expect(total).toBe(40 * 60)
  })

  it('marks as many clicks in the notes of a drawing as the drawing has', () => {
    for (const slide of deck.slides.filter((candidate) => candidate.frontmatter.clicks)) {
      const marks = slide.note?.match(/\[click\]/g) ?? []
      expect(marks.length, `slide ${slide.index + 1}`).toBe(slide.frontmatter.clicks)
    }
  })

  it('gives every scene as many clicks as it has to tell', () => {
    for (const slide of deck.slides) {
      const name = /<SceneDiagram scene="([^"]+)"/.exec(slide.content)?.[1]
      if (name === undefined) continue
      const scene = sceneNamed(name)
      const clicks = scene.kind === 'diagram' ? scene.beats.length - 1 : scene.panels.length
      expect(slide.frontmatter.clicks, `slide ${slide.index + 1}, scene ${name}`).toBe(clicks)
    }
  })

  it('marks as many clicks in the notes of a lab as it has steps', () => {
    for (const slide of deck.slides.filter((candidate) => candidate.content.includes('```lab'))) {
      const steps = slide.content.split('\n').filter((line) => /^# (kubectl|curl|lab|cat|while|for) /.test(line))
      const marks = slide.note?.match(/\[click\]/g) ?? []
      expect(marks.length, `slide ${slide.index + 1}`).toBe(steps.length)
    }
  })
})
