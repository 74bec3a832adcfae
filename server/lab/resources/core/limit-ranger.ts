/** The admission plugin LimitRanger: gives containers what the namespace's LimitRanges say, and refuses what goes beyond them. */
import type { KubeObject, StrategyContext } from '../definition.ts'
import { quantityOf, type ResourceList } from '../kit/resource-list.ts'
import { podLimits, podRequests } from './pod-requests.ts'

/* oxlint-disable typescript/no-explicit-any */

function rangesOf(object: KubeObject, context: StrategyContext): KubeObject[] {
  return context.list('limitranges').filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
}

/** Defaults for what the containers of a new pod leave open, noted in an annotation. */
export function defaultLimits(pod: KubeObject, context: StrategyContext): void {
  for (const range of rangesOf(pod, context)) {
    const limits: ResourceList = {}
    const requests: ResourceList = {}
    for (const item of range['spec']?.limits ?? []) {
      if (item.type !== 'Container') continue
      Object.assign(limits, item.default)
      Object.assign(requests, item.defaultRequest)
    }
    const notes: string[] = []
    for (const container of pod['spec']?.containers ?? []) fillContainer(container, limits, requests, 'container', notes)
    for (const container of pod['spec']?.initContainers ?? []) fillContainer(container, limits, requests, 'init container', notes)
    if (notes.length === 0) continue
    const annotations = (pod.metadata.annotations ??= {})
    annotations['kubernetes.io/limit-ranger'] = `LimitRanger plugin set: ${notes.join('; ')}`
  }
}

function fillContainer(container: any, limits: ResourceList, requests: ResourceList, what: string, notes: string[]): void {
  const resources = (container.resources ??= {})
  const filled = (field: 'limits' | 'requests', values: ResourceList): string[] => {
    const missing = Object.keys(values).filter((name) => !(name in (resources[field] ?? {})))
    if (missing.length > 0) resources[field] = { ...resources[field], ...Object.fromEntries(missing.map((name) => [name, values[name]])) }
    return missing.toSorted()
  }
  const limited = filled('limits', limits)
  const requested = filled('requests', requests)
  if (requested.length > 0) notes.push(`${requested.join(', ')} request for ${what} ${container.name}`)
  if (limited.length > 0) notes.push(`${limited.join(', ')} limit for ${what} ${container.name}`)
}

const nano = (value: string | undefined): bigint => quantityOf(value).nano

type Check = (type: string, name: string, bound: string, requests: ResourceList, limits: ResourceList) => string | null

const atLeast: Check = (type, name, bound, { [name]: request }, { [name]: limit }) => {
  const head = `minimum ${name} usage per ${type} is ${bound}`
  if (request === undefined) return `${head}.  No request is specified`
  if (nano(request) < nano(bound)) return `${head}, but request is ${request}`
  return limit !== undefined && nano(limit) < nano(bound) ? `${head}, but limit is ${limit}` : null
}

const atMost: Check = (type, name, bound, { [name]: request }, { [name]: limit }) => {
  const head = `maximum ${name} usage per ${type} is ${bound}`
  if (limit === undefined) return `${head}.  No limit is specified`
  if (nano(limit) > nano(bound)) return `${head}, but limit is ${limit}`
  return request !== undefined && nano(request) > nano(bound) ? `${head}, but request is ${request}` : null
}

/** Of claims, whose limits mean nothing. */
const requestAtMost: Check = (type, name, bound, { [name]: request }) => {
  const head = `maximum ${name} usage per ${type} is ${bound}`
  if (request === undefined) return `${head}.  No request is specified`
  return nano(request) > nano(bound) ? `${head}, but request is ${request}` : null
}

const inRatio: Check = (type, name, bound, { [name]: request }, { [name]: limit }) => {
  const head = `${name} max limit to request ratio per ${type} is ${bound}`
  if (nano(request) === 0n) return `${head}, but no request is specified or request is 0`
  if (nano(limit) === 0n) return `${head}, but no limit is specified or limit is 0`
  const ratio = Number(nano(limit)) / Number(nano(request))
  return ratio > Number(nano(bound)) / 1e9 ? `${head}, but provided ratio is ${ratio.toFixed(6)}` : null
}

function problems(item: any, requests: ResourceList, limits: ResourceList, checks: [string, Check][]): string[] {
  return checks.flatMap(([field, check]) =>
    Object.entries<string>(item[field] ?? {}).flatMap(([name, bound]) => check(item.type, name, bound, requests, limits) ?? []),
  )
}

const POD_CHECKS: [string, Check][] = [
  ['min', atLeast],
  ['max', atMost],
  ['maxLimitRequestRatio', inRatio],
]

/** What a new pod or a claim has too little or too much of, or null: all of the first LimitRange that has something against it. */
export function beyondLimits(object: KubeObject, context: StrategyContext): string | null {
  for (const range of rangesOf(object, context)) {
    const found = (range['spec']?.limits ?? []).flatMap((item: any) =>
      object.kind === 'Pod' ? ofPod(item, object) : ofClaim(item, object),
    )
    const texts = [...new Set<string>(found)]
    if (texts.length > 0) return texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
  }
  return null
}

function ofPod(item: any, { spec }: KubeObject): string[] {
  if (item.type === 'Pod') return problems(item, podRequests(spec), podLimits(spec), POD_CHECKS)
  if (item.type !== 'Container') return []
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(({ resources = {} }) =>
    problems(item, resources.requests ?? {}, resources.limits ?? {}, POD_CHECKS),
  )
}

function ofClaim(item: any, { spec }: KubeObject): string[] {
  if (item.type !== 'PersistentVolumeClaim') return []
  return problems(item, spec?.resources?.requests ?? {}, {}, [
    ['min', atLeast],
    ['max', requestAtMost],
  ])
}
