/** The kinds and verbs of subresources, as discovery tells them. */
import type { ResourceDefinition } from '../resources/definition.ts'

export interface SubresourceKind {
  /** Absent: the parent's. */
  group?: string
  version?: string
  kind: string
  verbs: string[]
}

const READ_WRITE = ['get', 'patch', 'update']

export function subresourceKind(definition: ResourceDefinition, name: string): SubresourceKind {
  switch (name) {
    case 'scale':
      return { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: READ_WRITE }
    case 'eviction':
      return { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] }
    case 'binding':
      return { kind: 'Binding', verbs: ['create'] }
    case 'token':
      return { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] }
    case 'log':
      return { kind: definition.kind, verbs: ['get'] }
    case 'exec':
      return { kind: 'PodExecOptions', verbs: ['create', 'get'] }
    case 'attach':
      return { kind: 'PodAttachOptions', verbs: ['create', 'get'] }
    case 'portforward':
      return { kind: 'PodPortForwardOptions', verbs: ['create', 'get'] }
    case 'proxy':
      return { kind: `${definition.kind}ProxyOptions`, verbs: ['create', 'delete', 'get', 'patch', 'update'] }
    case 'finalize':
      return { kind: definition.kind, verbs: ['update'] }
    default:
      return { kind: definition.kind, verbs: READ_WRITE }
  }
}
