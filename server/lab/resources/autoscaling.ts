import type { ClusterSettings, KubeObject, ResourceDefinition } from './definition.ts'
import { fromVersion1, toVersion1 } from './autoscaling-v1.ts'
import { validateAutoscaler } from './autoscaling-validate.ts'
import { column, type ColumnSpec } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { fill } from './kit/fill.ts'
import { minorVersion } from './kit/version.ts'

/* oxlint-disable typescript/no-explicit-any */

const SHOWN = 2
const SOURCES: Record<string, string> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
}

const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`)

/** `cpu: <unknown>/50%` (printers.go formatHPAMetrics). */
function metric(spec: any, current: any): string {
  const source = SOURCES[spec.type]
  if (source === undefined) return '<unknown type>'
  const { target = {}, name } = spec[source] ?? {}
  const now = current?.[source]?.current ?? {}
  if (spec.type === 'Resource' || spec.type === 'ContainerResource') {
    if (target.averageValue !== undefined) return `${name}: ${now.averageValue ?? '<unknown>'}/${target.averageValue}`
    return `${name}: ${percent(now.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`
  }
  const average = target.averageValue !== undefined
  const text = average ? `${now.averageValue ?? '<unknown>'}/${target.averageValue}` : `${now.value ?? '<unknown>'}/${target.value}`
  return average && spec.type !== 'Pods' ? `${text} (avg)` : text
}

function targets({ spec, status }: KubeObject): string {
  const metrics: any[] = spec?.metrics ?? []
  if (metrics.length === 0) return '<none>'
  const list = metrics.map((each, index) => metric(each, status?.currentMetrics?.[index]))
  const shown = list.slice(0, SHOWN).join(', ')
  return list.length > SHOWN ? `${shown} + ${list.length - SHOWN} more...` : shown
}

const CPU = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }

const columns = (seen: (object: KubeObject) => KubeObject): ColumnSpec[] => [
  column('Reference', ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`),
  column('Targets', (object) => targets(seen(object))),
  column('MinPods', ({ spec }) => String(spec?.minReplicas ?? '<unset>')),
  column('MaxPods', ({ spec }) => spec?.maxReplicas ?? 0),
  column('Replicas', ({ status }) => status?.currentReplicas ?? 0),
]

const COMMON = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', shortNames: ['hpa'], categories: ['all'], subresources: ['status'] }

/** Autoscalers are kept in their v2 form, which is general from 1.23 on; an older cluster keeps v1. */
export function horizontalPodAutoscalers(settings: ClusterSettings): ResourceDefinition {
  return minorVersion(settings) >= 23 ? version2() : version1()
}

function version2(): ResourceDefinition {
  return defineResource({
    ...COMMON,
    version: 'v2',
    columns: columns((object) => object),
    strategy: {
      setDefaults(autoscaler) {
        const spec = (autoscaler['spec'] ??= {})
        fill(spec, 'minReplicas', 1)
        if (!spec.metrics?.length) spec.metrics = [structuredClone(CPU)]
      },
      validate: validateAutoscaler,
      prepareForCreate(autoscaler) {
        autoscaler['status'] = { currentMetrics: null, desiredReplicas: 0 }
      },
    },
    alsoServedAs: [{ version: 'v1', toStored: fromVersion1, fromStored: toVersion1 }],
  })
}

function version1(): ResourceDefinition {
  return defineResource({
    ...COMMON,
    columns: columns(fromVersion1),
    strategy: {
      setDefaults(autoscaler) {
        fill((autoscaler['spec'] ??= {}), 'minReplicas', 1)
      },
      validate: validateAutoscaler,
      prepareForCreate(autoscaler) {
        autoscaler['status'] = { currentReplicas: 0, desiredReplicas: 0 }
      },
    },
    alsoServedAs: [
      {
        version: 'v2beta2',
        toStored: toVersion1,
        fromStored: (object) => ({ ...fromVersion1(object), apiVersion: 'autoscaling/v2beta2' }),
      },
    ],
  })
}
