/** Columns of the kinds that make pods after a template. */
import type { KubeObject } from '../definition.ts'
import { column, containerColumns, wide, type ColumnSpec } from './columns.ts'
import { formatSelector, selectorText } from './labels.ts'

export const templateContainers = containerColumns(({ spec }: KubeObject) => spec?.template?.spec?.containers)

export const selectorColumn: ColumnSpec = wide('Selector', ({ spec }) => formatSelector(spec?.selector))

/** A deployment's selector is printed bare. */
export const bareSelectorColumn: ColumnSpec = wide('Selector', ({ spec }) => selectorText(spec?.selector))

/** A number of pods; 0 where nobody has counted them yet. */
export const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Of the kinds that only keep a number of pods. */
export const replicaColumns: ColumnSpec[] = [
  column('Desired', ({ spec }) => count(spec?.replicas), 'integer'),
  column('Current', ({ status }) => count(status?.replicas), 'integer'),
  column('Ready', ({ status }) => count(status?.readyReplicas), 'integer'),
]
