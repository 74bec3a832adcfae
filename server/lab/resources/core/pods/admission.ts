import type { KubeObject, StrategyContext } from '../../definition.ts'
import { randomSuffix } from '../../kit/random.ts'
import { admitRuntimeClass, forbidRuntimeClass } from './runtime-class.ts'
import { defaultLimits } from '../limit-ranger.ts'
import { minorVersion } from '../../kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
const MIRROR = 'kubernetes.io/config.mirror'

/** What the admission plugins of a default API server do to a new pod, in their order: LimitRanger, ServiceAccount, Priority, DefaultTolerationSeconds. */
export function admitPod(pod: KubeObject, context: StrategyContext): void {
  if (!pod.spec) return
  defaultLimits(pod, context)
  if (!pod.metadata.annotations?.[MIRROR]) admitServiceAccount(pod, context)
  admitPriority(pod, context)
  admitTolerations(pod)
  admitRuntimeClass(pod, context)
}

/** Why the plugins refuse a new pod, or null. */
export function forbidPod(pod: KubeObject, context: StrategyContext): string | null {
  const { spec } = pod
  if (!spec || pod.metadata.annotations?.[MIRROR]) return null
  const namespace = pod.metadata.namespace ?? ''
  const name = spec.serviceAccountName
  if (name && context.get('serviceaccounts', namespace, name) === undefined) {
    return `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`
  }
  if (spec.priorityClassName && priorityClass(spec.priorityClassName, context) === undefined) {
    return `no PriorityClass with name ${spec.priorityClassName} was found`
  }
  const computed = computedPriority(spec, context)
  const told = 'must not be provided in pod spec; priority admission controller computed'
  if (spec.priority !== computed.value)
    return `the integer value of priority (${spec.priority}) ${told} ${computed.value} from the given PriorityClass name`
  if (spec.preemptionPolicy !== computed.preemptionPolicy) {
    return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) ${told} ${computed.preemptionPolicy} from the given PriorityClass name`
  }
  return forbidRuntimeClass(pod, context)
}

function admitServiceAccount(pod: KubeObject, context: StrategyContext): void {
  const { spec } = pod
  if (!spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount || 'default'
  spec.serviceAccount = spec.serviceAccountName
  const account = context.get('serviceaccounts', pod.metadata.namespace ?? '', spec.serviceAccountName)
  if (account === undefined) return
  if (spec.automountServiceAccountToken ?? account['automountServiceAccountToken'] ?? true) mountToken(pod, account, context)
  if (!spec.imagePullSecrets?.length && account['imagePullSecrets']?.length) {
    spec.imagePullSecrets = structuredClone(account['imagePullSecrets'])
  }
}

function mountToken(pod: KubeObject, account: KubeObject, context: StrategyContext): void {
  const { spec } = pod
  // Tokens bound to the pod came with 1.21; before, a Secret was mounted that the account names.
  const bound = minorVersion(context.settings) >= 21
  const secret = bound ? undefined : account['secrets']?.find((each: any) => each.name?.includes('-token-'))?.name
  if (!bound && secret === undefined) return
  const prefix = 'kube-api-access-'
  const present = spec.volumes?.find((each: any) => (bound ? each.name?.startsWith(prefix) : each.secret?.secretName === secret))
  const name = present?.name ?? (bound ? `${prefix}${randomSuffix(context.random)}` : secret)
  let needed = false
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    if (container.volumeMounts?.some((each: any) => each.mountPath === TOKEN_PATH)) continue
    container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: TOKEN_PATH, name, readOnly: true }]
    needed = true
  }
  if (!needed || present) return
  const source = bound ? { projected: projectedToken() } : { secret: { defaultMode: 420, secretName: secret } }
  spec.volumes = [...(spec.volumes ?? []), { name, ...source }]
}

/** Token, root certificates and namespace. The odd seven seconds tell such tokens apart in the server's metrics. */
function projectedToken(): object {
  return {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
      { downwardAPI: { items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }] } },
    ],
  }
}

const SYSTEM_CLASSES: Record<string, number> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 }

function priorityClass(name: string, context: StrategyContext): { value: number; preemptionPolicy: string } | undefined {
  const found = context.get('priorityclasses.scheduling.k8s.io', null, name)
  if (found !== undefined) return { value: found['value'], preemptionPolicy: found['preemptionPolicy'] ?? 'PreemptLowerPriority' }
  const value = SYSTEM_CLASSES[name]
  return value === undefined ? undefined : { value, preemptionPolicy: 'PreemptLowerPriority' }
}

/** What the class that a pod names gives; 0 without one. */
function computedPriority(spec: any, context: StrategyContext): { value: number; preemptionPolicy: string } {
  const found = spec.priorityClassName ? priorityClass(spec.priorityClassName, context) : undefined
  return found ?? { value: 0, preemptionPolicy: 'PreemptLowerPriority' }
}

function admitPriority(pod: KubeObject, context: StrategyContext): void {
  const { spec } = pod
  if (!spec.priorityClassName) {
    const general = context.list('priorityclasses.scheduling.k8s.io').filter((each) => each['globalDefault'] === true)
    const lowest = general.toSorted((a, b) => a['value'] - b['value'])[0]
    if (lowest !== undefined) spec.priorityClassName = lowest.metadata.name
  }
  const chosen = computedPriority(spec, context)
  spec.priority ??= chosen.value
  spec.preemptionPolicy ??= chosen.preemptionPolicy
}

/** Pods stay five minutes on a node that is not ready or cannot be reached, unless they say otherwise. */
export function admitTolerations({ spec }: KubeObject): void {
  if (!spec) return
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = (spec.tolerations ?? []).some(
      (each: any) => (each.key === key || !each.key) && (each.effect === 'NoExecute' || !each.effect),
    )
    if (tolerated) continue
    spec.tolerations = [...(spec.tolerations ?? []), { effect: 'NoExecute', key, operator: 'Exists', tolerationSeconds: 300 }]
  }
}
