/**
 * The autoscaler of a cluster without a metrics server: it holds targets within their bounds and says why it can do no more, as
 * pkg/controller/podautoscaler/horizontal.go.
 */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import { createRecorder } from '../machinery/events.ts'
import { type Condition, keyOf, sameJson, splitKey, timestamp } from '../machinery/objects.ts'
import { scaleOf, scalePaths, scaleSelects, setReplicas } from '../machinery/scale.ts'
import { createWorkqueue } from '../machinery/workqueue.ts'
import { fromVersion1, toVersion1 } from '../resources/autoscaling-v1.ts'
import { type KubeObject, type ResourceDefinition, resourceName } from '../resources/definition.ts'
import { ApiError } from '../store/api-error.ts'
import type { Disposable } from '../store/store.ts'

/* oxlint-disable typescript/no-explicit-any */

const RESOURCE = 'horizontalpodautoscalers.autoscaling'
const PERIOD_MS = 15_000

/** What asking for metrics ends with where nothing serves them. */
const NOT_SERVED = 'the server could not find the requested resource'
const UNSERVED = `unable to fetch metrics from resource metrics API: ${NOT_SERVED} (get pods.metrics.k8s.io)`

interface Failure {
  reason: string
  /** Of the condition and of the event FailedGet...Metric. */
  message: string
  /** As the sum of all metrics names it first. */
  outer: string
}

/** Why a metric cannot be had. */
function failureOf(metric: any, namespace: string): Failure {
  const custom = 'no custom metrics API (custom.metrics.k8s.io) registered'
  switch (metric.type) {
    case 'Resource':
    case 'ContainerResource': {
      const source = metric.type === 'Resource' ? metric.resource : metric.containerResource
      const what = source.target?.averageValue === undefined ? 'utilization' : 'usage'
      const message = `failed to get ${source.name} ${what}: unable to get metrics for resource ${source.name}: ${UNSERVED}`
      const outer =
        metric.type === 'Resource'
          ? `failed to get ${source.name} resource metric value: ${message}`
          : `failed to get ${source.container} container metric value: ${message}`
      return { reason: metric.type === 'Resource' ? 'FailedGetResourceMetric' : 'FailedGetContainerResourceMetric', message, outer }
    }
    case 'Pods': {
      const message = `unable to get metric ${metric.pods.metric.name}: unable to fetch metrics from custom metrics API: ${custom}`
      return { reason: 'FailedGetPodsMetric', message, outer: `failed to get pods metric value: ${message}` }
    }
    case 'Object': {
      const {
        metric: { name },
        describedObject,
      } = metric.object
      const about = `${describedObject.kind} ${namespace}/${describedObject.name}`
      const message = `unable to get metric ${name}: unable to fetch metrics from custom metrics API: ${custom} on ${about}`
      return { reason: 'FailedGetObjectMetric', message, outer: `failed to get object metric value: ${message}` }
    }
    default: {
      const { name } = metric.external.metric
      const message = `unable to get external metric ${namespace}/${name}/nil: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered`
      return { reason: 'FailedGetExternalMetric', message, outer: `failed to get ${name} external metric value: ${message}` }
    }
  }
}

export function startAutoscaler(context: ControllerContext): Disposable {
  const { store, clock } = context
  const recorder = createRecorder(context, 'horizontal-pod-autoscaler')
  const isOld = (store.definition(RESOURCE) as ResourceDefinition).version === 'v1'
  /** Which pods the targets of autoscalers select, by the autoscaler's key, of all that were looked at. */
  const selectors = new Map<string, (pod: KubeObject) => boolean>()

  const setCondition = (status: any, type: string, isTrue: boolean, reason: string, message: string): void => {
    const text = isTrue ? 'True' : 'False'
    const before = (status.conditions ?? []).find((condition: Condition) => condition.type === type)
    const lastTransitionTime = before?.status === text ? before.lastTransitionTime : timestamp(clock.now())
    const condition = { lastTransitionTime, message, reason, status: text, type }
    status.conditions = before
      ? status.conditions.map((each: Condition) => (each === before ? condition : each))
      : [...(status.conditions ?? []), condition]
  }

  const write = (autoscaler: KubeObject, status: object): void => {
    if (sameJson(autoscaler['status'], status)) return
    const { namespace = null, name } = autoscaler.metadata
    const change = (copy: KubeObject): void => {
      if (!isOld) copy['status'] = status
      else Object.assign(copy, toVersion1({ ...fromVersion1(copy), status }))
    }
    store.mutate(RESOURCE, namespace, name, change, { subresource: 'status' })
  }

  const target = ({ metadata, spec }: KubeObject): { definition: ResourceDefinition; object: KubeObject } => {
    const { apiVersion = '', kind, name } = spec?.scaleTargetRef ?? {}
    const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
    const definition = store.definitions().find((each) => each.kind === kind && each.group === group)
    if (!definition) throw new Error(group === '' ? `no matches for kind "${kind}"` : `no matches for kind "${kind}" in group "${group}"`)
    if (!definition.subresources.includes('scale')) throw new Error(NOT_SERVED)
    const object = store.get(resourceName(definition), metadata.namespace ?? null, name)
    if (!object) throw new Error(`${resourceName(definition)} "${name}" not found`)
    return { definition, object }
  }

  /** Why the metrics give no number of replicas; always, as there are none. Notes it in the status. */
  const whyNoMetrics = (autoscaler: KubeObject, status: any, selector: string, selects: (pod: KubeObject) => boolean): string => {
    const { namespace = '' } = autoscaler.metadata
    const fail = (event: string, reason: string, message: string, condition = message): string => {
      recorder.event(autoscaler, 'Warning', event, message)
      setCondition(status, 'ScalingActive', false, reason, condition)
      return message
    }
    if (selector === '') {
      return fail('SelectorRequired', 'InvalidSelector', 'selector is required', "the HPA target's scale is missing a selector")
    }
    const others = ambiguous(autoscaler, selects)
    if (others.length > 1) {
      return fail(
        'AmbiguousSelector',
        'AmbiguousSelector',
        `pods by selector ${selector} are controlled by multiple HPAs: [${others.join(' ')}]`,
      )
    }
    const metrics: any[] = autoscaler.spec?.metrics ?? []
    const failures = metrics.map((metric) => failureOf(metric, namespace))
    for (const { reason, message } of failures) recorder.event(autoscaler, 'Warning', reason, message)
    const [first] = failures
    if (first === undefined) return 'invalid metrics'
    setCondition(status, 'ScalingActive', false, first.reason, `the HPA was unable to compute the replica count: ${first.message}`)
    status.currentMetrics = metrics.map(() => ({ type: '' }))
    return `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.outer}`
  }

  /** All autoscalers whose target's selector takes one of the pods of this one. */
  const ambiguous = (autoscaler: KubeObject, selects: (pod: KubeObject) => boolean): string[] => {
    const { namespace = '' } = autoscaler.metadata
    selectors.set(keyOf(autoscaler), selects)
    const pods = store.list('pods', namespace).filter(selects)
    return [...selectors]
      .filter(([key, other]) => splitKey(key).namespace === namespace && pods.some(other))
      .map(([key]) => key)
      .toSorted()
  }

  const reconcile = (stored: KubeObject): void => {
    const autoscaler = isOld ? fromVersion1(stored) : stored
    const { minReplicas = 1, maxReplicas = 0 } = autoscaler.spec ?? {}
    const status: any = structuredClone(autoscaler['status'] ?? {})
    let found: ReturnType<typeof target>
    try {
      found = target(autoscaler)
    } catch (error) {
      const { message } = error as Error
      recorder.event(autoscaler, 'Warning', 'FailedGetScale', message)
      setCondition(
        status,
        'AbleToScale',
        false,
        'FailedGetScale',
        `the HPA controller was unable to get the target's current scale: ${message}`,
      )
      return write(stored, status)
    }
    const { definition, object } = found
    const paths = scalePaths(definition)
    const scale = scaleOf(object, paths)
    const current = Number(scale.spec?.replicas ?? 0)
    setCondition(status, 'AbleToScale', true, 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
    status.currentReplicas = current
    const rescale = (replicas: number, reason: string): void => {
      const { namespace = null, name } = object.metadata
      try {
        store.mutate(resourceName(definition), namespace, name, (copy) => setReplicas(copy, paths, replicas), { managedAs: 'scale' })
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        recorder.event(autoscaler, 'Warning', 'FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${error.message}`)
        const message = `the HPA controller was unable to update the target scale: ${error.message}`
        return setCondition(status, 'AbleToScale', false, 'FailedUpdateScale', message)
      }
      setCondition(status, 'AbleToScale', true, 'SucceededRescale', `the HPA controller was able to update the target scale to ${replicas}`)
      recorder.event(autoscaler, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`)
      Object.assign(status, { desiredReplicas: replicas, lastScaleTime: timestamp(clock.now()), currentMetrics: null })
    }
    if (current === 0 && minReplicas !== 0) {
      setCondition(status, 'ScalingActive', false, 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
      Object.assign(status, { desiredReplicas: 0, currentMetrics: null })
    } else if (current > maxReplicas) rescale(maxReplicas, 'Current number of replicas above Spec.MaxReplicas')
    else if (current < minReplicas) rescale(minReplicas, 'Current number of replicas below Spec.MinReplicas')
    else {
      status.currentMetrics = null
      const message = whyNoMetrics(autoscaler, status, scale['status'].selector ?? '', scaleSelects(object, paths))
      write(stored, status)
      recorder.event(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', message)
      return
    }
    write(stored, status)
  }

  const queue = createWorkqueue(context, (key) => {
    const { namespace, name } = splitKey(key)
    const autoscaler = store.get(RESOURCE, namespace, name)
    if (!autoscaler) return
    queue.addAfter(key, PERIOD_MS)
    reconcile(autoscaler)
  })
  const watch = store.watch(RESOURCE, { initial: true }, ({ type, object }) => {
    if (type === 'ADDED') queue.addAfter(keyOf(object), PERIOD_MS)
    else if (type === 'DELETED') selectors.delete(keyOf(object))
  })
  return disposeAll([queue, watch])
}
