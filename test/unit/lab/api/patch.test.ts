import { describe, expect, it } from 'vitest'
import { applyJsonPatch } from '../../../../server/lab/api/patch/json-patch.ts'
import { mergePatch } from '../../../../server/lab/api/patch/merge.ts'
import { strategicMerge } from '../../../../server/lab/api/patch/strategic.ts'
import { schemaFor } from '../../../../server/lab/api/schemas.ts'

describe('merge patch', () => {
  it('replaces, adds, and drops what is null (RFC 7386)', () => {
    expect(mergePatch({ a: { b: 1, c: 2 }, l: [1, 2] }, { a: { b: null, d: 3 }, l: [3] })).toEqual({ a: { c: 2, d: 3 }, l: [3] })
  })
})

describe('JSON patch', () => {
  const document = { spec: { replicas: 1, list: ['a', 'b'] } }

  it.each([
    [{ op: 'replace', path: '/spec/replicas', value: 2 }, { spec: { replicas: 2, list: ['a', 'b'] } }],
    [{ op: 'add', path: '/spec/list/1', value: 'x' }, { spec: { replicas: 1, list: ['a', 'x', 'b'] } }],
    [{ op: 'add', path: '/spec/list/-', value: 'x' }, { spec: { replicas: 1, list: ['a', 'b', 'x'] } }],
    [{ op: 'remove', path: '/spec/list/0' }, { spec: { replicas: 1, list: ['b'] } }],
    [
      { op: 'move', from: '/spec/replicas', path: '/n' },
      { spec: { list: ['a', 'b'] }, n: 1 },
    ],
    [
      { op: 'copy', from: '/spec/replicas', path: '/a~1b' },
      { spec: { replicas: 1, list: ['a', 'b'] }, 'a/b': 1 },
    ],
  ])('%j', (operation, expected) => {
    expect(applyJsonPatch(document, [operation])).toEqual(expected)
  })

  it.each([
    { op: 'remove', path: '/spec/nope' },
    { op: 'replace', path: '/nope/x', value: 1 },
    { op: 'test', path: '/spec/replicas', value: 9 },
    { op: 'add', path: '/spec/list/9', value: 1 },
    { op: 'copy', path: '/spec/replicas' },
    { op: 'move', path: '/spec/replicas' },
  ])('refuses %j as the server does', (operation) => {
    expect(() => applyJsonPatch(document, [operation])).toThrow('the server rejected our request due to an error in our request')
  })
})

describe('strategic merge patch', () => {
  const { root, patchField } = schemaFor('', 'v1', 'Pod')
  const patch = (original: object, change: object): unknown => strategicMerge(original, change, root, patchField)
  const containers = [
    { name: 'a', image: 'one' },
    { name: 'b', image: 'two' },
  ]

  it('joins lists by their merge key', () => {
    expect(patch({ spec: { containers } }, { spec: { containers: [{ name: 'b', image: 'three' }] } })).toEqual({
      spec: {
        containers: [
          { name: 'a', image: 'one' },
          { name: 'b', image: 'three' },
        ],
      },
    })
  })

  it('deletes an item by its directive', () => {
    expect(patch({ spec: { containers } }, { spec: { containers: [{ name: 'a', $patch: 'delete' }] } })).toEqual({
      spec: { containers: [{ name: 'b', image: 'two' }] },
    })
  })

  it('replaces lists that have no merge key', () => {
    expect(
      patch({ spec: { containers: [{ name: 'a', args: ['x', 'y'] }] } }, { spec: { containers: [{ name: 'a', args: ['z'] }] } }),
    ).toEqual({
      spec: { containers: [{ name: 'a', args: ['z'] }] },
    })
  })

  it('puts the items into the order that the client asks for', () => {
    const change = { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: 'x' }] } }
    expect(patch({ spec: { containers } }, change)).toMatchObject({ spec: { containers: [{ name: 'b', image: 'x' }, { name: 'a' }] } })
  })

  it('refuses an item without its key', () => {
    expect(() => patch({ spec: { containers } }, { spec: { containers: [{ image: 'x' }] } })).toThrow(
      'map: map[image:x] does not contain declared merge key: name',
    )
  })
})
