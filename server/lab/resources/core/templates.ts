import type { ClusterSettings, FieldError, ResourceDefinition } from '../definition.ts'
import { checkNonNegative } from '../kit/checks.ts'
import { column, NAME, wide } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { invalid, required } from '../kit/field-errors.ts'
import { fill } from '../kit/fill.ts'
import { formatLabels } from '../kit/labels.ts'
import { minorVersion } from '../kit/version.ts'
import { count, replicaColumns, templateContainers } from '../kit/workload-columns.ts'
import { podTemplateDefaults } from './pods/defaults.ts'
import { validateLastingTemplate, validatePodTemplate } from './pods/validate.ts'

/* oxlint-disable typescript/no-explicit-any */

const list = (template: any, key: string): string => (template?.spec?.containers ?? []).map((each: any) => each[key]).join(',')

export function podTemplates(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'PodTemplate',
    columns: {
      all: [
        NAME,
        column('Containers', (object) => list(object['template'], 'name')),
        column('Images', (object) => list(object['template'], 'image')),
        column('Pod Labels', (object) => formatLabels(object['template']?.metadata?.labels)),
      ],
    },
    strategy: {
      setDefaults(object) {
        podTemplateDefaults((object['template'] ??= {}), settings)
      },
      validate: (object) => validatePodTemplate(object['template'] ?? {}, 'template', minorVersion(settings)),
    },
  })
}

function validateController(spec: any, minor: number): FieldError[] {
  const errors = [...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds')]
  const selector: Record<string, string> = spec.selector ?? {}
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'))
  errors.push(...checkNonNegative(spec.replicas, 'spec.replicas'))
  if (!spec.template) return [...errors, required('spec.template')]
  const labels = spec.template.metadata?.labels ?? {}
  if (Object.entries(selector).some(([key, value]) => labels[key] !== value)) {
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'))
  }
  return [...errors, ...validateLastingTemplate(spec.template, 'ReplicationController', minor)]
}

export function replicationControllers(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    kind: 'ReplicationController',
    shortNames: ['rc'],
    categories: ['all'],
    subresources: ['scale', 'status'],
    hasGeneration: true,
    columns: [...replicaColumns, ...templateContainers, wide('Selector', ({ spec }) => formatLabels(spec?.selector))],
    strategy: {
      setDefaults(controller) {
        const spec = (controller['spec'] ??= {})
        fill(spec, 'replicas', 1)
        if (!spec.template) return
        podTemplateDefaults(spec.template, settings)
        const labels = spec.template.metadata?.labels
        if (!labels) return
        if (!Object.keys(spec.selector ?? {}).length) spec.selector = { ...labels }
        if (!Object.keys(controller.metadata.labels ?? {}).length) controller.metadata.labels = { ...labels }
      },
      validate: ({ spec }) => validateController(spec ?? {}, minorVersion(settings)),
      prepareForCreate(controller) {
        controller['status'] = { replicas: 0 }
      },
    },
    selectableFields: ({ status }) => ({ 'status.replicas': String(count(status?.replicas)) }),
  })
}
