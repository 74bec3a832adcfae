import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'
import { contextOf, definitionOf } from './context.ts'

function warnings(object: object): string[] {
  const full = structuredClone(object) as KubeObject
  const { strategy } = definitionOf(full.apiVersion, full.kind)
  strategy.setDefaults?.(full, contextOf())
  return strategy.warnings?.(full, null, contextOf()) ?? []
}

const pod = (container: object, spec: object = {}, name = 'p') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'x', ...container }], ...spec },
})
const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec })

describe('the server takes these, and warns', () => {
  test.each<[object, string[]]>([
    [pod({}), []],
    [
      pod({}, {}, 'a.b'),
      [
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
      ],
    ],
    [
      pod({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
      ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
    ],
    [
      pod({
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '$(A)2' },
        ],
      }),
      [],
    ],
    [
      pod({ ports: [{ containerPort: 80 }, { containerPort: 80 }] }),
      ['spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]'],
    ],
    [
      pod({}, { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }),
      ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
    ],
    [
      pod({ resources: { limits: { memory: '100m' } } }),
      [
        'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
      ],
    ],
    [service({ clusterIP: 'None', sessionAffinity: 'ClientIP' }), ['spec.SessionAffinity is ignored for headless services']],
    [service({ externalName: 'a.b', ports: [{ port: 80 }] }), ['spec.externalName is ignored when spec.type is not "ExternalName"']],
    [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'a.b' },
        spec: { template: { spec: { nodeSelector: { 'beta.kubernetes.io/arch': 'amd64' }, containers: [] } } },
      },
      [
        'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
        'spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
      ],
    ],
  ])('%j', (object, expected) => expect(warnings(object)).toEqual(expected))
})
