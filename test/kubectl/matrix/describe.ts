/** describe of every kind that the lab has. */
import { expect } from 'vitest'
import type { Verbs } from './matrix.ts'

/** One object of kinds that a namespace does not come with, by the group version that both clusters serve. */
const OBJECTS = `
apiVersion: v1
kind: List
items:
- { apiVersion: apps/v1, kind: Deployment, metadata: { name: x }, spec: { selector: { matchLabels: { a: b } }, template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: c, image: nginx }] } } } }
- { apiVersion: apps/v1, kind: StatefulSet, metadata: { name: x }, spec: { serviceName: x, selector: { matchLabels: { s: b } }, template: { metadata: { labels: { s: b } }, spec: { containers: [{ name: c, image: nginx }] } } } }
- { apiVersion: apps/v1, kind: DaemonSet, metadata: { name: x }, spec: { selector: { matchLabels: { d: b } }, template: { metadata: { labels: { d: b } }, spec: { containers: [{ name: c, image: nginx }] } } } }
- { apiVersion: v1, kind: ReplicationController, metadata: { name: x }, spec: { selector: { r: b }, template: { metadata: { labels: { r: b } }, spec: { containers: [{ name: c, image: nginx }] } } } }
- { apiVersion: batch/v1, kind: Job, metadata: { name: x }, spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: busybox, command: [echo] }] } } } }
- { apiVersion: v1, kind: Service, metadata: { name: x }, spec: { type: LoadBalancer, selector: { a: b }, ports: [{ port: 80 }] } }
- { apiVersion: v1, kind: ConfigMap, metadata: { name: x }, data: { a: b } }
- { apiVersion: v1, kind: Secret, metadata: { name: x }, stringData: { a: b } }
- { apiVersion: v1, kind: ServiceAccount, metadata: { name: x } }
- { apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: x }, spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }
- { apiVersion: v1, kind: ResourceQuota, metadata: { name: x }, spec: { hard: { pods: "100" } } }
- { apiVersion: v1, kind: LimitRange, metadata: { name: x }, spec: { limits: [{ type: Pod, max: { cpu: "4" } }] } }
- { apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: { name: x }, rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }] }
- { apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: { name: x }, roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: x }, subjects: [{ kind: User, name: u, apiGroup: rbac.authorization.k8s.io }] }
- { apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: { name: x }, spec: { rules: [{ host: h, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: x, port: { number: 80 } } } }] } }] } }
- { apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: x }, spec: { podSelector: {}, policyTypes: [Ingress] } }
- { apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: { name: x }, spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: x } } }
`

/** What the description of a kind has to tell beside its name. */
const WORDS: Record<string, RegExp> = {
  pod: /\nStatus: +(Running|Pending|Succeeded)\n[^]*\nContainers:\n[^]*\nConditions:\n/,
  'deployment.apps':
    /\nReplicas: +1 desired \| 1 updated \| 1 total \| [01] available \| [01] unavailable\nStrategyType: +RollingUpdate\n[^]*\nNewReplicaSet: +x-/,
  service: /\nType: +LoadBalancer\n[^]*\nEndpoints: /,
  node: /\nTaints: [^]*\nConditions:\n[^]*\nAllocatable:\n[^]*\nAllocated resources:\n/,
  'daemonset.apps': /\nDesired Number of Nodes Scheduled: 3\n/,
  'statefulset.apps': /\nReplicas: +1 desired \| 1 total\n/,
  configmap: /\nData\n====\na:\n----\nb\n/,
  secret: /\nType: +Opaque\n\nData\n====\na: +1 bytes/,
  resourcequota: /\nResource +Used +Hard\n/,
}

export const describeVerb: Verbs = (verb) => {
  verb('describes one of every kind', async ({ does, file, run, minor }) => {
    file('objects.yaml', OBJECTS)
    await does(
      'kubectl apply -f objects.yaml',
      'kubectl rollout status deploy x',
      'kubectl rollout status sts x',
      'kubectl rollout status ds x',
    )
    const { stdout: resources } = await run('kubectl api-resources --verbs=get,list -o name')
    const kinds = resources.trim().split('\n')
    expect(kinds.length).toBeGreaterThan(35)
    const { stdout: names } = await run(`kubectl get ${kinds.join()} -o name`)
    // the first of each kind, and the one that was made here where it was
    const examples = new Map<string, string>()
    for (const object of names.trim().split('\n')) {
      const [kind = '', name = ''] = object.split('/')
      if (!examples.has(kind) || name === 'x') examples.set(kind, name)
    }
    expect(examples.size).toBeGreaterThan(25)
    // the addresses of other tests' services go with their namespaces: that of the API server stays
    if (examples.has('ipaddress.networking.k8s.io')) examples.set('ipaddress.networking.k8s.io', '10.96.0.1')
    // before 1.33 kubectl describes these by versions that a cluster of today does not serve
    if (minor < 33) for (const kind of ['servicecidr', 'ipaddress']) examples.delete(`${kind}.networking.k8s.io`)
    const waiting = [...examples]
    const describeNext = async (): Promise<void> => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [kind, name] = next
        const { stdout: text, stderr, code } = await run(`kubectl describe ${kind} ${name}`)
        expect({ kind, code, stderr: stderr.replaceAll(/^Warning: .*\n/gm, '') }).toEqual({ kind, code: 0, stderr: '' })
        expect(text, kind).toMatch(new RegExp(`^Name: +${name}`))
        if (WORDS[kind]) expect(text, kind).toMatch(WORDS[kind])
      }
    }
    await Promise.all([describeNext(), describeNext(), describeNext()])
  })

  verb('says what it cannot describe', async ({ says }) => {
    await says('kubectl describe pod nope', { err: 'Error from server (NotFound): pods "nope" not found', code: 1 })
    await says('kubectl describe nope', { err: 'error: the server doesn\'t have a resource type "nope"', code: 1 })
  })
}
