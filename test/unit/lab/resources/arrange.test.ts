import { expect, it } from 'vitest'
import { arrange, arrangeByLetters, schemaOf, type StructShape } from '../../../../server/lab/resources/schema/index.ts'

const shape = (group: string, kind: string): StructShape => schemaOf(group, 'v1', kind) as StructShape

it('fields are written in the order of their Go struct, maps in that of their letters', () => {
  const service = {
    spec: {
      type: 'NodePort',
      selector: { b: '2', a: '1' },
      ports: [{ port: 80, targetPort: 80, nodePort: 30080, protocol: 'TCP', name: 'x' }],
    },
    metadata: { labels: { z: '1', y: '2' }, name: 's' },
    apiVersion: 'v1',
    kind: 'Service',
  }
  arrange(service, shape('', 'Service'))
  expect(JSON.stringify(service)).toBe(
    '{"kind":"Service","apiVersion":"v1","metadata":{"name":"s","labels":{"y":"2","z":"1"}},"spec":{"ports":[{"name":"x","protocol":"TCP","port":80,"targetPort":80,"nodePort":30080}],"selector":{"a":"1","b":"2"},"type":"NodePort"}}',
  )
})

it('fields of an embedded struct stand where it is embedded', () => {
  const volume = { spec: { hostPath: { path: '/x' }, accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } } }
  arrange(volume, shape('', 'PersistentVolume'))
  expect(Object.keys(volume.spec)).toEqual(['capacity', 'hostPath', 'accessModes'])
})

it('what has no struct is written by its letters, at any depth', () => {
  const object = { spec: { b: [{ d: 1, c: 2 }], a: null }, apiVersion: 'x/v1' }
  arrangeByLetters(object)
  expect(JSON.stringify(object)).toBe('{"apiVersion":"x/v1","spec":{"a":null,"b":[{"c":2,"d":1}]}}')
})
