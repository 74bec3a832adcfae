/** Joins the blocks of all slides into labs: ids, sizes, presets. */
import type { AddressPlan, DeckManifest, Lab, LabBlock } from '../protocol/lab.ts'
import type { DeckError } from './error.ts'
import { findLabFences } from './fences.ts'
import { parseFenceInfo, type FenceInfo } from './info.ts'
import { parsePlan } from './plan.ts'
import { parseSteps } from './steps.ts'

/** A slide as far as labs are concerned. */
export interface DeckSlide {
  /** Relative to the deck's folder. */
  file: string
  /** The line (from 0) of the file where `lines` begin. */
  firstLine: number
  /** The slide's Markdown without its frontmatter. */
  lines: string[]
}

/** The size of a terminal whose lab's first block gives none. */
const DEFAULT_SIZE = { cols: 120, rows: 14 }

function contradiction(lab: Lab, info: FenceInfo): string | null {
  const given = lab.blocks[0]
  for (const key of ['preset', 'cols', 'rows'] as const)
    if (info[key] !== null && info[key] !== lab[key])
      return `${key}=${info[key]} contradicts the lab's first block (${given?.file}:${given?.line}), which ${lab[key] === null ? 'gives none' : `says ${key}=${lab[key]}`}`
  return null
}

/** The manifest of a deck, or everything that is wrong with its labs. */
export function buildManifest(
  slides: readonly DeckSlide[],
  headmatter: unknown,
  entry: string,
  presets: readonly string[],
): { manifest: DeckManifest } | { errors: DeckError[] } {
  const labs = new Map<string, Lab>()
  const errors: DeckError[] = []
  slides.forEach((slide, index) => {
    for (const fence of findLabFences(slide.lines)) {
      const line = slide.firstLine + fence.line + 1
      const report = (message: string, at = line): void => void errors.push({ file: slide.file, line: at, message })
      if (!fence.closed) report('the lab is not closed: expected a line of ``` below its last step')
      const info = parseFenceInfo(fence.info, presets)
      const parsed = parseSteps(fence.lines)
      for (const error of parsed.errors) report(error.message, line + error.line + 1)
      if ('error' in info) {
        report(info.error)
        continue
      }
      const lab = labs.get(info.lab) ?? {
        id: info.lab,
        preset: info.preset,
        cols: info.cols ?? DEFAULT_SIZE.cols,
        rows: info.rows ?? DEFAULT_SIZE.rows,
        blocks: [],
      }
      labs.set(info.lab, lab)
      const contradicts = lab.blocks.length > 0 ? contradiction(lab, info) : null
      if (contradicts) report(contradicts)
      const before = lab.blocks.reduce((sum, block) => sum + block.steps.length, 0)
      const block: LabBlock = { id: `${lab.id}/${lab.blocks.length + 1}`, lab: lab.id, slide: index + 1, file: slide.file, line, steps: [] }
      block.steps = parsed.steps.map((step, ordinal) => ({
        id: `${lab.id}.${before + ordinal + 1}`,
        command: step.command,
        keepsRunning: step.keepsRunning,
        checks: step.checks,
        file: slide.file,
        line: line + step.line + 1,
      }))
      lab.blocks.push(block)
    }
  })
  let plan: AddressPlan = { nodes: [], pool: { first: '', last: '' } }
  if (labs.size > 0) {
    const parsed = parsePlan(headmatter)
    if ('error' in parsed) errors.push({ file: entry, line: 1, message: parsed.error })
    else plan = parsed
  }
  return errors.length > 0 ? { errors } : { manifest: { labs: [...labs.values()], plan, slides: slides.length } }
}
