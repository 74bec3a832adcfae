/** pods/eviction: a delete that respects PodDisruptionBudgets (pkg/registry/core/pod/storage/eviction.go). */
import type { KubeObject } from '../../resources/definition.ts'
import { disruptionCondition } from '../../resources/policy.ts'
import { selects } from '../../resources/kit/labels.ts'
import { isPodReady } from '../../machinery/objects.ts'
import { ApiError, badRequest, forbidden } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { checkPreconditions, timestamp } from '../../store/rules.ts'
import type { DeleteOptions } from '../../store/store.ts'
import { sendJson, type Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { deleteOptions } from './delete.ts'

const BUDGETS = 'poddisruptionbudgets.policy'
/** Evictions that the controller has not confirmed yet, at most. */
const MOST_DISRUPTED = 2000
const WORDS = "Cannot evict pod as it would violate the pod's disruption budget."

interface Posted {
  body: Record<string, unknown>
  name: string
  object: KubeObject
}

export async function evict(exchange: Exchange, target: Target, { body, name, object: pod }: Posted): Promise<void> {
  const metadata = isObject(body.metadata) ? body.metadata : {}
  if (metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const options = deleteOptions(body.deleteOptions, exchange.query)
  if (!mayIgnoreBudgets(pod)) spendBudget(exchange, pod, options.dryRun ?? false)
  markAndDelete(exchange, target, pod, options)
  sendJson(exchange, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })
}

/** Where there is nothing to disrupt any more, or not yet. */
function mayIgnoreBudgets({ metadata, status }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(status?.phase)
}

/** Preconditions are for the pod as it was before it is marked. */
function markAndDelete({ lab: { store, clock } }: Exchange, target: Target, pod: KubeObject, options: DeleteOptions): void {
  const { preconditions, ...asked } = options
  checkPreconditions(target.definition, pod, preconditions)
  const { name } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastProbeTime: null,
    lastTransitionTime: timestamp(clock.now()),
  }
  if (!asked.dryRun) {
    store.mutate(
      target.resource,
      target.namespace,
      name,
      ({ status }) => {
        const others = (status.conditions ?? []).filter(({ type }: { type: string }) => type !== 'DisruptionTarget')
        status.conditions = [...others, condition]
      },
      { subresource: 'status' },
    )
  }
  store.delete(target.resource, target.namespace, name, asked)
}

function tooMany(cause: string, retryAfterSeconds?: number): ApiError {
  return new ApiError(429, 'TooManyRequests', WORDS, {
    causes: [{ reason: 'DisruptionBudget', message: cause }],
    ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
  })
}

/** One budget at most, and it has to allow a disruption. */
function spendBudget({ lab: { store, clock } }: Exchange, pod: KubeObject, dryRun: boolean): void {
  const budgets = store.list(BUDGETS, pod.metadata.namespace ?? null).filter(({ spec }) => selects(spec?.selector, pod.metadata.labels))
  if (budgets.length > 1) {
    throw new ApiError(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
  }
  const [budget] = budgets
  if (!budget) return
  const { name, namespace = null } = budget.metadata
  const status = budget['status'] ?? {}
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0 } = status
  if (
    !isPodReady(pod) &&
    (budget.spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0))
  )
    return
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0)) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10)
  }
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller'
    throw forbidden({ group: 'policy', plural: 'poddisruptionbudget' }, name, why)
  }
  if (disruptionsAllowed <= 0) throw tooMany(whyNot(budget))
  if (dryRun) return
  const now = clock.now()
  store.mutate(
    BUDGETS,
    namespace,
    name,
    (changed) => {
      const left = disruptionsAllowed - 1
      const disruptedPods = { ...status.disruptedPods, [pod.metadata.name]: timestamp(now) }
      changed['status'] = { ...status, disruptedPods, disruptionsAllowed: left }
      if (left === 0) changed['status'].conditions = [disruptionCondition(changed['status'], now)]
    },
    { subresource: 'status', fieldManager: 'kube-apiserver' },
  )
}

function whyNot({ metadata: { name }, status = {} }: KubeObject): string {
  const { currentHealthy = 0, desiredHealthy = 0, conditions = [] } = status
  const condition = conditions.find(({ type }: { type: string }) => type === 'DisruptionAllowed')
  const says = condition?.status === 'False' && condition.message ? condition : undefined
  const head = `The disruption budget ${name} `
  if (says?.reason === 'SyncFailed') return `${head}does not allow evicting pods currently because it failed sync: ${says.message}`
  if (currentHealthy <= desiredHealthy) return `${head}needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
  if (says) return `${head}does not allow evicting pods currently (${says.reason}): ${says.message}`
  return `${head}does not allow evicting pods currently`
}
