import type { KubeObject } from '../definition.ts'
import { containerColumns, wide, type ColumnSpec } from '../kit/columns.ts'
import { formatSelector, selectorText } from '../kit/labels.ts'

export const templateContainers = containerColumns(({ spec }: KubeObject) => spec?.template?.spec?.containers)

export const selectorColumn: ColumnSpec = wide('Selector', ({ spec }) => formatSelector(spec?.selector))

/** A deployment's selector is printed bare. */
export const bareSelectorColumn: ColumnSpec = wide('Selector', ({ spec }) => selectorText(spec?.selector))

/** Labels that an old client left to the template (extensions/v1beta1 did) are not filled in by apps/v1. */
export const count = (value: unknown): number => (typeof value === 'number' ? value : 0)
