import type { FieldError } from '../../definition.ts'
import { checkId, checkMaybeOneOf } from '../../kit/checks.ts'
import { invalid, notSupported, required } from '../../kit/field-errors.ts'

/* oxlint-disable typescript/no-explicit-any */

const SECCOMP_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined']

const CONTEXT_FIELDS = [
  'capabilities',
  'privileged',
  'seLinuxOptions',
  'windowsOptions',
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'readOnlyRootFilesystem',
  'allowPrivilegeEscalation',
  'procMount',
  'seccompProfile',
  'appArmorProfile',
]

/** A security context as the server's internal type prints it. */
function internalContext(context: any): object {
  const name = (key: string): string => (key === 'seLinuxOptions' ? 'SELinuxOptions' : `${key.charAt(0).toUpperCase()}${key.slice(1)}`)
  const { add = null, drop = null } = context.capabilities ?? {}
  const { type = '', localhostProfile = null } = context.seccompProfile ?? {}
  const shown = {
    ...context,
    ...(context.capabilities ? { capabilities: { Add: add, Drop: drop } } : {}),
    ...(context.seccompProfile ? { seccompProfile: { Type: type, LocalhostProfile: localhostProfile } } : {}),
  }
  return Object.fromEntries(CONTEXT_FIELDS.map((key) => [name(key), shown[key] ?? null]))
}

export function checkContainerSecurity(context: any, path: string): FieldError[] {
  if (!context) return []
  const errors = [...checkId(context.runAsUser, `${path}.runAsUser`), ...checkId(context.runAsGroup, `${path}.runAsGroup`)]
  errors.push(...checkMaybeOneOf(context.procMount, ['Default', 'Unmasked'], `${path}.procMount`))
  errors.push(...checkSeccomp(context.seccompProfile, `${path}.seccompProfile`))
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      errors.push(invalid(path, internalContext(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      const message = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'
      errors.push(invalid(path, internalContext(context), message))
    }
  }
  return errors
}

export function checkSeccomp(profile: any, path: string): FieldError[] {
  if (!profile) return []
  const { type = '', localhostProfile } = profile
  const errors: FieldError[] = []
  if (type === '') errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
  else if (!SECCOMP_TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, SECCOMP_TYPES))
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
  } else if (localhostProfile !== undefined) {
    errors.push(invalid(`${path}.localhostProfile`, { type, localhostProfile }, 'can only be set when seccomp type is Localhost'))
  }
  return errors
}
