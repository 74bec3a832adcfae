/** The imports of the repository's own files, types included, and what they say of its structure. */
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { posix } from 'node:path'
import ts from 'typescript'

/** Who imports whom: paths from the repository's root. */
export type Imports = Map<string, Set<string>>

/** The imports among all files below `folders`, as they stand in the text; an import of anything else is left out. */
export async function readImports(root: string, folders: readonly string[]): Promise<Imports> {
  const files = await Array.fromAsync(
    glob(
      folders.map((folder) => `${folder}/**/*.{ts,vue}`),
      { cwd: root },
    ),
  )
  const imports: Imports = new Map(files.toSorted().map((file) => [file, new Set()]))
  for (const [file, found] of imports) {
    for (const specifier of specifiersIn(readFileSync(posix.join(root, file), 'utf8'))) {
      const target = posix.join(posix.dirname(file), specifier)
      if (specifier.startsWith('.') && imports.has(target)) found.add(target)
    }
  }
  return imports
}

/** All folders that hold folders; in those that hold files alone a circle is one of files anyway. */
export function foldersOf(imports: Imports): string[] {
  const folders = [...imports.keys()].map((file) => posix.dirname(file))
  return [...new Set(folders.flatMap((folder) => folder.split('/').map((_name, i, names) => names.slice(0, i).join('/'))))]
    .filter(Boolean)
    .toSorted()
}

function specifiersIn(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

/** The same arrows between larger parts; those inside one part are left out, and files for which `partOf` gives null. */
export function betweenParts(imports: Imports, partOf: (file: string) => string | null): Imports {
  const between: Imports = new Map()
  for (const [file, found] of imports) {
    const part = partOf(file)
    if (part === null) continue
    const targets = between.get(part) ?? new Set()
    between.set(part, targets)
    for (const target of found) {
      const other = partOf(target)
      if (other !== null && other !== part) targets.add(other)
    }
  }
  return between
}

/** Circles, each as the way round (`a > b > a`); one for each knot of them, empty where every arrow leads down. */
export function circlesOf(imports: Imports): string[] {
  const circles: string[] = []
  const left = new Set<string>()
  const way: string[] = []
  const visit = (file: string): void => {
    const begin = way.indexOf(file)
    if (begin >= 0) {
      circles.push([...way.slice(begin), file].join(' > '))
      return
    }
    if (left.has(file)) return
    way.push(file)
    for (const target of imports.get(file) ?? []) visit(target)
    way.pop()
    left.add(file)
  }
  for (const file of imports.keys()) visit(file)
  return circles
}

/** Arrows that do not lead from a row to one below it, the lowest row first. Parts in no row may import all and be imported by none in a row. */
export function upward(imports: Imports, rows: readonly (readonly string[])[]): string[] {
  const heightOf = (part: string): number => {
    const height = rows.findIndex((row) => row.includes(part))
    return height < 0 ? rows.length : height
  }
  return [...imports].flatMap(([part, found]) =>
    [...found].filter((other) => heightOf(part) < rows.length && heightOf(other) >= heightOf(part)).map((other) => `${part} > ${other}`),
  )
}
