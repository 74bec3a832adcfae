import type { KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../kit/define.ts'

const size = (map: object | undefined): number => Object.keys(map ?? {}).length

export function configMaps(): ResourceDefinition {
  return defineResource({
    kind: 'ConfigMap',
    shortNames: ['cm'],
    columns: [column('Data', (object) => size(object['data']) + size(object['binaryData']))],
  })
}

export function secrets(): ResourceDefinition {
  return defineResource({
    kind: 'Secret',
    columns: [column('Type', (secret) => secret['type'] ?? ''), column('Data', (secret) => size(secret['data']))],
    strategy: {
      setDefaults(secret) {
        secret['type'] ||= 'Opaque'
      },
      prepareForCreate(secret) {
        foldStringData(secret)
      },
      prepareForUpdate(secret) {
        foldStringData(secret)
      },
    },
    selectableFields: (secret) => ({ type: secret['type'] ?? '' }),
  })
}

/** stringData is for writing only: it becomes data. */
function foldStringData(secret: KubeObject): void {
  if (!secret['stringData']) return
  for (const [key, text] of Object.entries(secret['stringData'])) {
    secret['data'] = { ...secret['data'], [key]: Buffer.from(String(text)).toString('base64') }
  }
  delete secret['stringData']
}
