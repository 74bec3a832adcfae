import { defineTransformersSetup } from '@slidev/types'
import { findLabFences } from '../server/deck/fences.ts'
import { manifestOrThrow } from './lab-manifest.ts'

/** Fenced `lab` blocks become panes. The n-th fence of a slide is the n-th block that the manifest has for this slide: both come from one scanner. */
export default defineTransformersSetup(() => ({
  pre: [
    ({ s, slide, options }) => {
      const lines = s.original.split('\n')
      const fences = findLabFences(lines)
      if (fences.length === 0) return
      const blocks = manifestOrThrow(options)
        .labs.flatMap((lab) => lab.blocks)
        .filter((block) => block.slide === slide.index + 1)
        .toSorted((one, other) => one.line - other.line)
      const startOf = (line: number): number => lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0)
      fences.forEach((fence, index) => {
        const block = blocks[index]
        if (!block) throw new Error(`slide ${slide.index + 1}: the lab in its line ${fence.line + 1} is not in the deck's manifest`)
        const end = Math.min(startOf(fence.end) - 1, s.original.length)
        s.overwrite(startOf(fence.line), end, `<LabPane block="${block.id}" />`)
      })
    },
  ],
}))
