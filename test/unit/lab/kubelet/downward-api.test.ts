import { expect, it } from 'vitest'
import { fieldValue, resourceValue } from '../../../../server/lab/kubelet/pod-spec.ts'
import type { KubeObject } from '../../../../server/lab/resources/definition.ts'

const main = { name: 'main', image: 'busybox', resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '1500m' } } }
const pod = {
  metadata: { name: 'p', labels: { tier: 'test', app: 'a' }, annotations: { note: 'say "hi"' } },
  spec: { containers: [main] },
} as unknown as KubeObject
const addresses = { podIP: '172.16.1.2', hostIP: '192.168.1.101' }

it('all labels or annotations of a pod are a line each, in the order of their keys', () => {
  expect(fieldValue(pod, 'metadata.labels', addresses)).toBe('app="a"\ntier="test"')
  expect(fieldValue(pod, 'metadata.annotations', addresses)).toBe('note="say \\"hi\\""')
})

it.each([
  { resource: 'requests.cpu', divisor: '1m', value: '100' },
  { resource: 'limits.cpu', value: '2' },
  { resource: 'requests.memory', divisor: '1Mi', value: '32' },
])('$resource is told in whole units of $divisor', ({ value, ...reference }) => {
  expect(resourceValue(pod, { name: 'other', image: 'x' }, { containerName: 'main', ...reference })).toBe(value)
})
