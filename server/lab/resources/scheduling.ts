import type { ClusterSettings, FieldError, KubeObject, ResourceDefinition } from './definition.ts'
import { checkResources } from './core/pods/validate-resources.ts'
import { checkTolerations } from './core/pods/validate-scheduling.ts'
import { checkImmutable, checkOneOf, checkRule } from './kit/checks.ts'
import { AGE, column, NAME, wide } from './kit/columns.ts'
import { defineResource } from './define.ts'
import { forbidden } from './kit/field-errors.ts'
import { fill } from './kit/fill.ts'
import { validateLabels } from './kit/metadata.ts'
import { dnsLabel } from './kit/names.ts'
import { minorVersion } from './kit/version.ts'

const policy = (object: KubeObject): string => object['preemptionPolicy'] ?? ''

const SYSTEM = ['system-cluster-critical', 'system-node-critical']
const HIGHEST = 1_000_000_000

function validatePriorityClass(object: KubeObject): FieldError[] {
  const { name } = object.metadata
  const errors: FieldError[] = []
  if (name.startsWith('system-')) {
    if (!SYSTEM.includes(name)) {
      const reason = `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`
      errors.push(forbidden('metadata.name', reason))
    }
  } else if (object['value'] > HIGHEST) {
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST}`))
  }
  return [...errors, ...checkOneOf(object['preemptionPolicy'], ['PreemptLowerPriority', 'Never'], 'preemptionPolicy')]
}

export function priorityClasses(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  return defineResource({
    group: 'scheduling.k8s.io',
    kind: 'PriorityClass',
    plural: 'priorityclasses',
    shortNames: ['pc'],
    namespaced: false,
    hasGeneration: true,
    columns: {
      all: [
        NAME,
        column('Value', (object) => object['value'] ?? 0, 'integer'),
        column('Global-Default', (object) => object['globalDefault'] ?? false, 'boolean'),
        AGE,
        // The last column is always shown, and stands behind the age.
        ...(minor >= 30 ? [column('PreemptionPolicy', policy)] : minor >= 28 ? [wide('PreemptionPolicy', policy)] : []),
      ],
    },
    strategy: {
      setDefaults(object) {
        fill(object, 'preemptionPolicy', 'PreemptLowerPriority')
      },
      validate: validatePriorityClass,
      // The admission plugin Priority.
      refuse(object, _old, context) {
        if (object['globalDefault'] !== true) return null
        const others = context.list('priorityclasses.scheduling.k8s.io').filter((each) => each['globalDefault'] === true)
        const other = others.find(({ metadata }) => metadata.name !== object.metadata.name)
        return other ? `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist` : null
      },
      forbidDelete: ({ metadata }) => (SYSTEM.includes(metadata.name) ? 'this is a system priority class and cannot be deleted' : null),
      validateUpdate: (object, old) => [
        ...(object['value'] === old['value'] ? [] : [forbidden('value', 'may not be changed in an update.')]),
        ...checkImmutable(object['preemptionPolicy'], old['preemptionPolicy'], 'preemptionPolicy'),
      ],
    },
    ...(minor < 22 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

export function runtimeClasses(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    group: 'node.k8s.io',
    kind: 'RuntimeClass',
    plural: 'runtimeclasses',
    namespaced: false,
    columns: [column('Handler', (object) => object['handler'] ?? '')],
    strategy: {
      validate: ({ handler = '', overhead, scheduling }) => [
        ...checkRule(dnsLabel, handler, 'handler'),
        ...(overhead ? checkResources({ limits: overhead.podFixed }, 'overhead') : []),
        ...validateLabels(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
        ...checkTolerations(scheduling?.tolerations ?? [], 'scheduling.tolerations'),
      ],
      validateUpdate: (object, old) => checkImmutable(object['handler'], old['handler'], 'handler'),
    },
    ...(minorVersion(settings) < 25 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}
