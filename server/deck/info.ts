/** The info string of a lab's fence: `lab NAME [preset=today|2021|bare] [cols=N] [rows=N]`. */

export interface FenceInfo {
  lab: string
  preset: string | null
  cols: number | null
  rows: number | null
}

/** What a terminal may measure: kubectl's widest table and the smallest that holds a prompt. */
const LIMITS = { cols: [40, 240], rows: [4, 60] } as const
const EXPECTED = 'expected `lab NAME [preset=NAME] [cols=N] [rows=N]`'

/** Reads what stands after the word `lab`, or says what was expected. `presets` are the names that exist. */
export function parseFenceInfo(info: string, presets: readonly string[]): FenceInfo | { error: string } {
  const [lab, ...options] = info.split(/\s+/).filter(Boolean)
  if (lab === undefined) return { error: `the lab has no name: ${EXPECTED}` }
  if (!/^[a-z0-9-]{1,40}$/.test(lab))
    return { error: `"${lab}" is no name for a lab: expected at most 40 lower case letters, digits and hyphens` }
  const result: FenceInfo = { lab, preset: null, cols: null, rows: null }
  const seen = new Set<string>()
  for (const option of options) {
    const [, key, value] = /^([a-z]+)=(.+)$/.exec(option) ?? []
    if (key === undefined || value === undefined) return { error: `"${option}" is no option of a lab: ${EXPECTED}` }
    if (seen.has(key)) return { error: `the option "${key}" is given twice` }
    seen.add(key)
    if (key === 'preset') {
      if (!presets.includes(value)) return { error: `there is no preset "${value}": expected one of ${presets.join(', ')}` }
      result.preset = value
    } else if (key === 'cols' || key === 'rows') {
      const [least, most] = LIMITS[key]
      const size = /^\d+$/.test(value) ? Number(value) : Number.NaN
      if (!(size >= least && size <= most)) return { error: `${key}=${value}: expected a whole number of cells from ${least} to ${most}` }
      result[key] = size
    } else return { error: `"${key}" is no option of a lab: ${EXPECTED}` }
  }
  return result
}
