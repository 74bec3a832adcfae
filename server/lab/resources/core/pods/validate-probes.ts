import type { FieldError } from '../../definition.ts'
import { checkNonNegative, checkPortOrName, checkRule } from '../../kit/checks.ts'
import { forbidden, invalid, notSupported, required } from '../../kit/field-errors.ts'
import { httpHeaderName } from '../../kit/names.ts'

/* oxlint-disable typescript/no-explicit-any */

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep']
const PROBE_NUMBERS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']

export function checkProbes(container: any, path: string): FieldError[] {
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((key) =>
    container[key] ? checkProbe(container[key], `${path}.${key}`, key === 'readinessProbe') : [],
  )
}

function checkProbe(probe: any, path: string, isReadiness: boolean): FieldError[] {
  const errors = checkHandler(probe, path)
  for (const key of PROBE_NUMBERS) errors.push(...checkNonNegative(probe[key], `${path}.${key}`))
  const grace = probe.terminationGracePeriodSeconds
  const gracePath = `${path}.terminationGracePeriodSeconds`
  if (typeof grace === 'number' && grace <= 0) errors.push(invalid(gracePath, grace, 'must be greater than 0'))
  if (isReadiness) {
    if (typeof grace === 'number') errors.push(invalid(gracePath, grace, 'must not be set for readinessProbes'))
  } else if (probe.successThreshold !== 1) errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'))
  return errors
}

export function checkLifecycle(lifecycle: any, path: string): FieldError[] {
  return ['postStart', 'preStop'].flatMap((key) => (lifecycle?.[key] ? checkHandler(lifecycle[key], `${path}.${key}`) : []))
}

/** Exactly one way to ask or to act. */
function checkHandler(handler: any, path: string): FieldError[] {
  const given = HANDLERS.filter((key) => handler[key])
  const [first, ...more] = given
  if (first === undefined) return [required(path, 'must specify a handler type')]
  const errors = checkAction(first, handler[first], `${path}.${first}`)
  return [...errors, ...more.map((key) => forbidden(`${path}.${key}`, 'may not specify more than 1 handler type'))]
}

function checkAction(kind: string, action: any, path: string): FieldError[] {
  switch (kind) {
    case 'exec':
      return action.command?.length ? [] : [required(`${path}.command`)]
    case 'httpGet': {
      const errors = [...(action.path ? [] : [required(`${path}.path`)]), ...checkPortOrName(action.port, `${path}.port`)]
      if (!['HTTP', 'HTTPS'].includes(action.scheme)) errors.push(notSupported(`${path}.scheme`, action.scheme ?? '', ['HTTP', 'HTTPS']))
      for (const { name = '' } of action.httpHeaders ?? []) errors.push(...checkRule(httpHeaderName, name, `${path}.httpHeaders`))
      return errors
    }
    case 'sleep':
      return []
    default:
      return checkPortOrName(action.port, `${path}.port`)
  }
}
