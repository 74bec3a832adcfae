/** The clusters that the lab can start from. */
import { bare } from './bare.ts'
import type { Preset } from './preset.ts'
import { today } from './today.ts'
import { year2021 } from './year-2021.ts'

const presets = new Map<string, Preset>([today, year2021, bare].map((preset) => [preset.name, preset]))

export function findPreset(name: string): Preset | undefined {
  return presets.get(name)
}

export function presetNames(): string[] {
  return [...presets.keys()]
}
