/** componentstatuses: never stored, asked of the parts of the control plane whenever somebody looks. */
import type { LabContext } from '../context.ts'
import type { KubeObject } from '../resources/definition.ts'
import { minorVersion } from '../resources/kit/version.ts'

export const COMPONENT_STATUSES = 'componentstatuses'

export function componentStatuses(lab: LabContext): KubeObject[] {
  const etcd = minorVersion(lab.settings) < 24 ? '{"health":"true"}' : 'ok'
  const parts: [string, string][] = [
    ['controller-manager', 'ok'],
    ['etcd-0', etcd],
    ['scheduler', 'ok'],
  ]
  return parts.map(([name, message]) => ({
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name } as KubeObject['metadata'],
    conditions: [{ type: 'Healthy', status: 'True', message }],
  }))
}
