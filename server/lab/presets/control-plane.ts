/** The control plane's own pods: static pods on the control plane's node, which the API shows as mirrors. */
import { createHash } from 'node:crypto'
import type { StaticPodData } from './data.ts'
import { seedRunningPod } from './pods.ts'
import type { PresetNode } from './preset.ts'
import type { Seeder } from './seeder.ts'

export function seedStaticPod(seeder: Seeder, data: StaticPodData, node: PresetNode): void {
  const { store } = seeder.lab
  const stored = store.get('nodes', null, node.name)
  const hash = createHash('md5')
    .update(data.component + data.command.join(' '))
    .digest('hex')
  const probe = (path: string): object => ({
    failureThreshold: 8,
    httpGet: { host: '127.0.0.1', path, port: data.port, scheme: 'HTTPS' },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    timeoutSeconds: 15,
  })
  seedRunningPod(seeder, {
    name: `${data.component}-${node.name}`,
    namespace: 'kube-system',
    labels: { component: data.component, tier: 'control-plane' },
    annotations: {
      ...(data.annotation ? { [data.annotation[0]]: data.annotation[1] } : {}),
      'kubernetes.io/config.hash': hash,
      'kubernetes.io/config.mirror': hash,
      'kubernetes.io/config.seen': seeder.time(0),
      'kubernetes.io/config.source': 'file',
    },
    owners: [{ apiVersion: 'v1', controller: true, kind: 'Node', name: node.name, uid: stored?.metadata.uid ?? '' }],
    spec: {
      containers: [
        {
          command: data.command,
          image: data.image,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: probe(data.component === 'kube-apiserver' ? '/livez' : '/healthz'),
          name: data.component,
          resources: {
            requests: { ...(data.cpu ? { cpu: data.cpu } : {}), ...(data.memory ? { memory: data.memory } : {}) },
          },
        },
      ],
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
    },
    node,
    address: null,
    after: 2000,
  })
}
