/** cordon, uncordon, drain, taint. */
import type { Verbs } from './matrix.ts'

export const nodes: Verbs = (verb) => {
  // one case: nodes are the whole cluster's
  verb('cordons, drains, uncordons and taints', async ({ says, does, namespace }) => {
    await says('kubectl cordon w3-k8s', 'node/w3-k8s cordoned')
    await says('kubectl cordon w3-k8s', 'node/w3-k8s already cordoned')
    await says('kubectl get node w3-k8s --no-headers', /^w3-k8s +Ready,SchedulingDisabled /)
    await says('kubectl cordon nope', { err: /nodes "nope" not found/, code: 1 })
    await says('kubectl drain w3-k8s --dry-run=client', {
      out: /^node\/w3-k8s (already )?cordoned \(dry run\)/,
      err: /cannot delete DaemonSet-managed Pods/,
      code: 1,
    })
    await says('kubectl drain w3-k8s', {
      out: 'node/w3-k8s already cordoned',
      err: /cannot delete DaemonSet-managed Pods \(use --ignore-daemonsets to ignore\): kube-system\/calico-node-\w+, kube-system\/kube-proxy-\w+/,
      code: 1,
    })
    await does(
      'kubectl uncordon w3-k8s',
      `kubectl run bare --image=nginx:1.25 --overrides='{"spec":{"nodeName":"w3-k8s"}}'`,
      'kubectl wait --for=condition=Ready pod/bare --timeout=30s',
    )
    await says('kubectl drain w3-k8s --ignore-daemonsets --pod-selector=run=bare', {
      out: /^node\/w3-k8s cordoned/,
      err: /cannot delete Pods (not managed by ReplicationController, ReplicaSet, Job, DaemonSet or StatefulSet|(that )?declare no controller) \(use --force to override\): \S+\/bare/,
      code: 1,
    })
    await says('kubectl drain w3-k8s --ignore-daemonsets --force --pod-selector=run=bare', {
      out: new RegExp(`^node/w3-k8s already cordoned\\nevicting pod ${namespace}/bare\\npod/bare evicted\\nnode/w3-k8s (drained|evicted)$`),
      err: /^((WARNING|Warning): [Dd]eleting Pods (not managed by|that declare no controller).*)?$/,
    })
    await says('kubectl uncordon w3-k8s', 'node/w3-k8s uncordoned')
    await says('kubectl uncordon w3-k8s', 'node/w3-k8s already uncordoned')
    await says('kubectl taint node w3-k8s k=v:PreferNoSchedule', 'node/w3-k8s tainted')
    await says('kubectl taint node w3-k8s k=v:PreferNoSchedule', {
      err: /^error: (node w3-k8s already has k taint\(s\) with same effect\(s\) and --overwrite is false|Node w3-k8s already has k taint)/,
      code: 1,
    })
    await says('kubectl taint node w3-k8s k:PreferNoSchedule-', 'node/w3-k8s untainted')
    await says('kubectl taint node w3-k8s k:PreferNoSchedule-', { err: /^error: taint "k:PreferNoSchedule" not found$/, code: 1 })
    await says('kubectl taint node w3-k8s k=v:Nope', {
      err: /^error: invalid taint effect: Nope, unsupported taint effect|invalid taint spec/,
      code: 1,
    })
    await says('kubectl label node w3-k8s disk=ssd', 'node/w3-k8s labeled')
    await says('kubectl get node -l disk=ssd -o name', 'node/w3-k8s')
    await says('kubectl label node w3-k8s disk-', /^node\/w3-k8s (un)?labeled$/)
  })
}
