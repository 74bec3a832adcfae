import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { shareParts } from '../../../../server/lab/store/objects.ts'
import { keyOf, ResourceTable } from '../../../../server/lab/store/table.ts'

const object = (namespace: string, name: string): KubeObject => ({ metadata: { namespace, name } }) as KubeObject

it('a table lists what it has in the order of its keys, whatever was put in and taken out', () => {
  const place = fc.record({ namespace: fc.constantFrom('a', 'b', 'b-c'), name: fc.constantFrom('x', 'y', 'z', 'x-1') })
  const step = fc.record({ op: fc.constantFrom('set', 'remove', 'list'), place })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const table = new ResourceTable(0)
      const model = new Set<string>()
      for (const { op, place: at } of steps) {
        const key = keyOf(at.namespace, at.name)
        if (op === 'set') {
          table.set(key, object(at.namespace, at.name))
          model.add(key)
        } else if (op === 'remove') {
          table.remove(key)
          model.delete(key)
        }
        if (op !== 'list') continue
        const keys = (objects: readonly KubeObject[]): string[] => objects.map(({ metadata }) => keyOf(metadata.namespace, metadata.name))
        expect(keys(table.list(null))).toEqual([...model].toSorted())
        expect(keys(table.list(at.namespace))).toEqual([...model].filter((other) => other.startsWith(`${at.namespace}/`)).toSorted())
      }
    }),
  )
})

it('versions of an object share the parts that are alike, and keep the order of members', () => {
  const before = { metadata: { labels: { a: '1' } }, spec: { list: [{ x: 1 }, { y: 2 }], kept: {} }, data: { a: '1', b: '2' } }
  const now = { metadata: { labels: { a: '1' } }, spec: { list: [{ x: 1 }, { y: 3 }], kept: {} }, data: { b: '2', a: '1' } }
  const text = JSON.stringify(now)
  shareParts(before, now)
  expect(JSON.stringify(now)).toBe(text)
  expect(now.metadata).not.toBe(before.metadata)
  expect(now.metadata.labels).toBe(before.metadata.labels)
  expect(now.spec.list[0]).toBe(before.spec.list[0])
  expect(now.spec.kept).toBe(before.spec.kept)
  expect(now.spec).not.toBe(before.spec)
})
