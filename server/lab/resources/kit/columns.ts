import { readFileSync } from 'node:fs'
import type { Column, KubeObject } from '../definition.ts'
import { since } from './duration.ts'

/** A column without its description, which {@link describeColumns} adds. */
export type ColumnSpec = Omit<Column, 'description'>

type Cell = Column['cell']

/** A column that is always shown. */
export function column(name: string, cell: Cell, type: Column['type'] = 'string'): ColumnSpec {
  return { name, type, priority: 0, cell }
}

/** A column that `-o wide` adds. */
export function wide(name: string, cell: Cell, type: Column['type'] = 'string'): ColumnSpec {
  return { name, type, priority: 1, cell }
}

export const NAME: ColumnSpec = { name: 'Name', type: 'string', format: 'name', priority: 0, cell: (object) => object.metadata.name }

export const AGE: ColumnSpec = column('Age', (object, { now }) => since(object.metadata.creationTimestamp, now))

/** What a kind without a printer of its own shows, as apiserver's NewDefaultTableConvertor. */
export const DEFAULT_COLUMNS: ColumnSpec[] = [NAME, column('Created At', (object) => object.metadata.creationTimestamp, 'date')]

/** Names and images of containers, comma separated, as in printers.go layoutContainerCells. */
export function containerColumns(containers: (object: KubeObject) => { name: string; image: string }[] | undefined): ColumnSpec[] {
  const list = (object: KubeObject, key: 'name' | 'image') => (containers(object) ?? []).map((container) => container[key]).join(',')
  return [wide('Containers', (object) => list(object, 'name')), wide('Images', (object) => list(object, 'image'))]
}

type Descriptions = Record<string, Record<string, string>>
let descriptions: Descriptions | undefined

/**
 * The descriptions of the server's columns, by resource (`deployments.apps`) and column, read at the first use: only whoever asks for a Table needs them.
 * columns.json holds the columnDefinitions of a Kubernetes 1.35 API server's Tables (generate-columns.ts).
 */
function description(resource: string, name: string): string {
  descriptions ??= JSON.parse(readFileSync(new URL('./columns.json', import.meta.url), 'utf8')) as Descriptions
  return descriptions[resource]?.[name] ?? descriptions['*']?.[name] ?? ''
}

/** Gives every column its description, looked up only when it is read. */
export function describeColumns(resource: string, columns: readonly ColumnSpec[]): Column[] {
  return columns.map((spec) => ({
    ...spec,
    get description() {
      return description(resource, spec.name)
    },
  }))
}
