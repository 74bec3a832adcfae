import { describe, expect, it } from 'vitest'
import { isWriting, namesOf, namespacesOf, words } from '../../../server/cluster/writes.ts'
import type { Step } from '../../../server/protocol/lab.ts'
import { stepOf } from '../support/sample-lab.ts'

const step = (command: string): Step => stepOf(1, command)
const manifests = new Map([
  [
    'metallb.yaml',
    [
      { kind: 'Namespace', name: 'metallb-system', namespace: null },
      { kind: 'DaemonSet', name: 'speaker', namespace: 'metallb-system' },
    ],
  ],
])

describe('what a step writes', () => {
  it('is read off words with quotes and continued lines', () => {
    expect(words(`kubectl patch svc x \\\n  -p '{"a": "b c"}'`)).toEqual(['kubectl', 'patch', 'svc', 'x', '-p', '{"a": "b c"}'])
  })

  it.each([
    ['kubectl create deployment a --image=x', true],
    ['k scale deploy a --replicas=6', true],
    ['ka metallb.yaml', true],
    ['kubectl get pod -w', false],
    ['curl http://192.168.1.11', false],
    ['kubectl describe svc create', false],
  ])('%s: %s', (command, writing) => {
    expect(isWriting(step(command))).toBe(writing)
  })

  it('names its namespaces, those of its manifests among them', () => {
    const steps = [
      'kubectl apply -f metallb.yaml',
      'kubectl create cm a -n other',
      'kubectl run b --namespace=third',
      'kubectl get pod -n fourth',
      'kubectl expose pod b',
    ]
    expect(namespacesOf(steps.map(step), manifests)).toEqual(['default', 'metallb-system', 'other', 'third'])
  })

  it('has the names that its objects can have', () => {
    expect(namesOf(step('kubectl expose deployment/a --name=b'), manifests)).toEqual(
      new Set(['kubectl', 'expose', 'deployment', 'a', '--name', 'b']),
    )
    expect(namesOf(step('ka ~/metallb.yaml'), manifests).has('speaker')).toBe(true)
  })
})
