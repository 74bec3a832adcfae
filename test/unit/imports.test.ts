import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { betweenParts, circlesOf, foldersOf, readImports, upward } from './support/imports.ts'

/** Each row may import those above it in this list, none in its own row. What stands in no row joins the others. */
const SERVER = [
  ['protocol', 'problem.ts', 'programs.ts'],
  ['deck', 'terminal', 'topology', 'recording', 'http', 'lab'],
]
const LAB = [
  ['resources', 'clock.ts', 'random.ts'],
  ['store'],
  ['machinery', 'admission.ts', 'power.ts'],
  ['contracts', 'presets'],
  ['context.ts'],
  ['api', 'controllers', 'kubelet', 'network', 'control', 'command'],
  ['metallb'],
]

const root = fileURLToPath(new URL('../..', import.meta.url))
const imports = await readImports(root, ['server', 'components', 'layouts', 'setup', 'test'])

/** The folder or file just below a folder. */
const below =
  (folder: string) =>
  (file: string): string | null =>
    file.startsWith(`${folder}/`) ? (file.slice(folder.length + 1).split('/')[0] ?? null) : null

const server = betweenParts(imports, below('server'))
const lab = betweenParts(imports, below('server/lab'))

describe('imports', () => {
  it('are found, those of types and of components too', () => {
    expect([...(imports.get('server/lab/store/store.ts') ?? [])]).toContain('server/lab/resources/definition.ts')
    expect([...(imports.get('components/lab/LabPane.vue') ?? [])].length).toBeGreaterThan(0)
    expect([...(server.get('lab') ?? [])]).toEqual(['protocol'])
  })

  it('lead in no circle from file to file', () => {
    expect(circlesOf(imports)).toEqual([])
  })

  it.each(foldersOf(imports))('lead in no circle between the files and folders of %s', (folder) => {
    expect(circlesOf(betweenParts(imports, below(folder)))).toEqual([])
  })

  it('of a part of the server lead neither to one beside it nor up', () => {
    expect(upward(server, SERVER)).toEqual([])
  })

  it('of a part of the lab lead neither to one beside it nor up', () => {
    expect(upward(lab, LAB)).toEqual([])
  })

  it('of what runs in a browser know the wire of the server alone', () => {
    const parts = betweenParts(imports, (file) => {
      if (file.startsWith('setup/') || file.startsWith('test/')) return null
      return file.startsWith('server/protocol/') ? 'wire' : file.startsWith('server/') ? 'server' : 'browser'
    })
    expect([...(parts.get('browser') ?? [])]).toEqual(['wire'])
  })
})

describe('the search for circles', () => {
  it.each([
    ['none where all arrows lead down', { a: ['b', 'c'], b: ['c'], c: [] }, []],
    ['the way round', { a: ['b'], b: ['c'], c: ['b'] }, ['b > c > b']],
    ['circles apart', { a: ['b'], b: ['a'], c: ['d'], d: ['c'] }, ['a > b > a', 'c > d > c']],
  ])('finds %s', (_what, arrows, circles) => {
    expect(circlesOf(new Map(Object.entries(arrows).map(([from, to]) => [from, new Set(to)])))).toEqual(circles)
  })
})
