/** System workloads that run already: a Deployment with its ReplicaSet, or a DaemonSet with its ControllerRevision, and their pods. */
import { daemonTolerations } from '../machinery/daemon-tolerations.ts'
import { minorVersion } from '../resources/kit/version.ts'
import { templateHash } from '../machinery/hash.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { ClusterData, WorkloadData } from './data.ts'
import { joinedAfter } from './nodes.ts'
import { seedRunningPod } from './pods.ts'
import type { PresetNode } from './preset.ts'
import { ownedBy, type Seeder } from './seeder.ts'

/** Where addresses of a node's pods go on from. */
export type Addresses = Map<string, number>

function nextAddress(addresses: Addresses, node: PresetNode): string {
  const host = addresses.get(node.name) ?? 2
  addresses.set(node.name, host + 1)
  return node.podCidr.replace(/\d+\/24$/, String(host))
}

export function seedWorkload(
  seeder: Seeder,
  cluster: ClusterData,
  data: WorkloadData,
  nodes: readonly PresetNode[],
  addresses: Addresses,
): void {
  if (data.kind === 'Deployment') seedDeployment(seeder, data, nodes, addresses)
  else seedDaemonSet(seeder, cluster, data, nodes, addresses)
}

function seedDeployment(seeder: Seeder, data: WorkloadData, nodes: readonly PresetNode[], addresses: Addresses): void {
  const { store, settings } = seeder.lab
  const replicas = data.replicas ?? 1
  const after = 9000
  const surge = data.strategy?.['type'] === 'Recreate' ? 0 : Math.ceil(replicas * 0.25)
  const terminating = minorVersion(settings) >= 35 ? { terminatingReplicas: 0 } : {}
  const deployment = seeder.create(
    'deployments.apps',
    {
      metadata: {
        name: data.name,
        namespace: 'kube-system',
        labels: data.labels,
        annotations: { 'deployment.kubernetes.io/revision': '1' },
      },
      spec: {
        replicas,
        selector: { matchLabels: data.podLabels },
        ...(data.strategy ? { strategy: data.strategy } : {}),
        template: { metadata: { labels: data.podLabels }, spec: data.spec },
      },
    },
    after,
  )
  const hash = templateHash(deployment.spec.template, undefined, settings)
  const labels = { ...data.podLabels, 'pod-template-hash': hash }
  const condition = (type: string, reason: string, message: string, since: number): object => ({
    lastTransitionTime: seeder.time(since),
    lastUpdateTime: seeder.time(after + 42_000),
    message,
    reason,
    status: 'True',
    type,
  })
  const set = seeder.create(
    'replicasets.apps',
    {
      metadata: {
        name: `${data.name}-${hash}`,
        namespace: 'kube-system',
        labels,
        annotations: {
          'deployment.kubernetes.io/desired-replicas': String(replicas),
          'deployment.kubernetes.io/max-replicas': String(replicas + surge),
          'deployment.kubernetes.io/revision': '1',
        },
        ownerReferences: ownedBy(deployment),
      },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
      },
      status: {
        availableReplicas: replicas,
        fullyLabeledReplicas: replicas,
        observedGeneration: 1,
        readyReplicas: replicas,
        replicas,
        ...terminating,
      },
    },
    after,
  )
  store.mutate(
    'deployments.apps',
    'kube-system',
    data.name,
    (copy) => {
      copy.status = {
        availableReplicas: replicas,
        conditions: [
          condition('Available', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', after + 40_000),
          condition('Progressing', 'NewReplicaSetAvailable', `ReplicaSet "${set.metadata.name}" has successfully progressed.`, after),
        ],
        observedGeneration: 1,
        readyReplicas: replicas,
        replicas,
        ...terminating,
        updatedReplicas: replicas,
      }
    },
    { subresource: 'status' },
  )
  // they were made before any worker had joined, so the first node that could took them: the control plane
  const [first] = nodes
  if (!first) return
  for (let i = 0; i < replicas; i++) {
    seedRunningPod(seeder, {
      generateName: `${set.metadata.name}-`,
      namespace: 'kube-system',
      labels,
      owners: ownedBy(set),
      spec: data.spec,
      node: first,
      address: data.spec['hostNetwork'] ? null : nextAddress(addresses, first),
      after: after + 200 * i,
    })
  }
}

/** The affinity by which the daemon set controller ties a pod to its node. */
function daemonAffinity(node: string): object {
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
      },
    },
  }
}

function seedDaemonSet(seeder: Seeder, cluster: ClusterData, data: WorkloadData, nodes: readonly PresetNode[], addresses: Addresses): void {
  const { settings } = seeder.lab
  const after = 9500
  const count = nodes.length
  const set: KubeObject = seeder.create(
    'daemonsets.apps',
    {
      metadata: {
        name: data.name,
        namespace: 'kube-system',
        labels: data.labels,
        annotations: { 'deprecated.daemonset.template.generation': '1' },
      },
      spec: {
        selector: { matchLabels: data.podLabels },
        template: { metadata: { labels: data.podLabels }, spec: data.spec },
        ...(data.strategy ? { updateStrategy: data.strategy } : {}),
      },
      status: {
        currentNumberScheduled: count,
        desiredNumberScheduled: count,
        numberAvailable: count,
        numberMisscheduled: 0,
        numberReady: count,
        observedGeneration: 1,
        updatedNumberScheduled: count,
      },
    },
    after,
  )
  const hash = templateHash(set.spec.template, undefined, settings)
  if (seeder.lab.store.definition('controllerrevisions.apps')) {
    seeder.create(
      'controllerrevisions.apps',
      {
        metadata: {
          name: `${data.name}-${hash}`,
          namespace: 'kube-system',
          labels: { ...data.podLabels, 'controller-revision-hash': hash },
          annotations: { 'deprecated.daemonset.template.generation': '1' },
          ownerReferences: ownedBy(set),
        },
        data: { spec: { template: { ...set.spec.template, $patch: 'replace' } } },
        revision: 1,
      },
      after,
    )
  }
  nodes.forEach((node, index) => {
    seedRunningPod(seeder, {
      generateName: `${data.name}-`,
      namespace: 'kube-system',
      labels: { ...data.podLabels, 'controller-revision-hash': hash, 'pod-template-generation': '1' },
      owners: ownedBy(set),
      spec: {
        ...set.spec.template.spec,
        affinity: daemonAffinity(node.name),
        tolerations: [...(set.spec.template.spec.tolerations ?? []), ...daemonTolerations(data.spec)],
      },
      node,
      address: data.spec['hostNetwork'] ? null : nextAddress(addresses, node),
      after: Math.max(after, joinedAfter(cluster, index) + 2000),
    })
  })
}
