/** What a pod asks for in all, as component-helpers' resource: sidecars add up, other init containers count where they ask for more. */
import { addLists, largest, type ResourceList } from '../kit/resource-list.ts'

/* oxlint-disable typescript/no-explicit-any */

function aggregate(spec: any, which: 'requests' | 'limits'): ResourceList {
  const of = (container: any): ResourceList => container.resources?.[which] ?? {}
  let total: ResourceList = {}
  for (const container of spec.containers ?? []) total = addLists(total, of(container))
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of spec.initContainers ?? []) {
    let asked = addLists(of(container), sidecars)
    if (container.restartPolicy === 'Always') {
      total = addLists(total, of(container))
      sidecars = addLists(sidecars, of(container))
      asked = sidecars
    }
    starting = largest(starting, asked)
  }
  total = largest(total, starting)
  // pod-level resources stand in for the sum (PodLevelResources)
  const whole: ResourceList = spec.resources?.[which] ?? {}
  for (const [name, value] of Object.entries(whole)) total[name] = value
  return total
}

export function podRequests(spec: any): ResourceList {
  const total = aggregate(spec, 'requests')
  for (const [name, value] of Object.entries<string>(spec.overhead ?? {})) Object.assign(total, addLists(total, { [name]: value }))
  return total
}

export function podLimits(spec: any): ResourceList {
  const total = aggregate(spec, 'limits')
  for (const [name, value] of Object.entries<string>(spec.overhead ?? {})) {
    if (name in total) Object.assign(total, addLists(total, { [name]: value }))
  }
  return total
}
