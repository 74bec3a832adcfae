/** The rules for events (legacyValidateEvent of apis/core/validation/events.go): of the new form where eventTime is set. */
import type { FieldError, KubeObject } from '../definition.ts'
import { checkRule } from '../kit/checks.ts'
import { invalid, required } from '../kit/field-errors.ts'
import { dnsSubdomain, qualifiedName } from '../kit/names.ts'

const MISMATCH = 'does not match event.namespace'

export function validateEvent(event: KubeObject): FieldError[] {
  const { namespace = '' } = event.metadata
  const about: string = event['involvedObject']?.namespace ?? ''
  const errors: FieldError[] = []
  const mismatch = (): void => void errors.push(invalid('involvedObject.namespace', about, MISMATCH))
  if (!event['eventTime']) {
    if (about === '' ? namespace !== '' && namespace !== 'default' : namespace !== about) mismatch()
  } else {
    if (about === '' && namespace !== 'default' && namespace !== 'kube-system') mismatch()
    const component: string = event['reportingComponent'] ?? ''
    if (component === '') errors.push(required('reportingComponent'))
    errors.push(...checkRule(qualifiedName, component, 'reportingComponent'))
    for (const [key, most] of [
      ['reportingInstance', 128],
      ['action', 128],
      ['reason', 128],
      ['message', 1024],
    ] as const) {
      const value: string = event[key] ?? ''
      if (value === '' && key !== 'message') errors.push(required(key))
      if (value.length > most) errors.push(invalid(key, '', `can have at most ${most} characters`))
    }
  }
  return [...errors, ...checkRule(dnsSubdomain, namespace, 'namespace')]
}
