/** The admission plugin RuntimeClass: what a class costs and where its pods may run (plugin/pkg/admission/runtimeclass). */
import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, StrategyContext } from '../../definition.ts'

function classOf({ spec }: KubeObject, context: StrategyContext): KubeObject | undefined {
  return spec?.runtimeClassName ? context.get('runtimeclasses.node.k8s.io', null, spec.runtimeClassName) : undefined
}

/** Gives a new pod the overhead, the node selector and the tolerations of its class. */
export function admitRuntimeClass(pod: KubeObject, context: StrategyContext): void {
  const found = classOf(pod, context)
  const { spec } = pod
  if (found?.['overhead']?.podFixed && !spec.overhead) spec.overhead = structuredClone(found['overhead'].podFixed)
  const { nodeSelector, tolerations = [] } = found?.['scheduling'] ?? {}
  if (nodeSelector) spec.nodeSelector = { ...nodeSelector, ...spec.nodeSelector }
  for (const toleration of tolerations) {
    const there = (spec.tolerations ?? []).some((each: object) => isDeepStrictEqual(each, toleration))
    if (!there) spec.tolerations = [...(spec.tolerations ?? []), structuredClone(toleration)]
  }
}

/** Why the plugin refuses a new pod, or null. */
export function forbidRuntimeClass(pod: KubeObject, context: StrategyContext): string | null {
  const { runtimeClassName, overhead, nodeSelector = {} } = pod['spec']
  const found = classOf(pod, context)
  if (runtimeClassName && !found) return `pod rejected: RuntimeClass "${runtimeClassName}" not found`
  const fixed = found?.['overhead']?.podFixed
  if (fixed && !isDeepStrictEqual({ ...fixed }, { ...overhead })) {
    return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
  }
  if (!fixed && overhead) return 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
  for (const [key, value] of Object.entries(found?.['scheduling']?.nodeSelector ?? {})) {
    if (nodeSelector[key] !== value) {
      return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${String(value)}; pod.spec.nodeSelector[${key}] = ${nodeSelector[key]}`
    }
  }
  return null
}
