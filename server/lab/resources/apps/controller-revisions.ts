import type { KubeObject, ResourceDefinition } from '../definition.ts'
import { column } from '../kit/columns.ts'
import { defineResource } from '../define.ts'

/** `daemonset.apps/speaker` */
function controller({ metadata }: KubeObject): string {
  const owner = metadata.ownerReferences?.find((each) => each.controller)
  if (owner === undefined) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}

export function controllerRevisions(): ResourceDefinition {
  return defineResource({
    group: 'apps',
    kind: 'ControllerRevision',
    columns: [column('Controller', controller), column('Revision', (object) => object['revision'] ?? 0)],
  })
}
