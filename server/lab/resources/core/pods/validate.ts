/** The rules for a pod's spec, in the server's order (core/validation ValidatePodSpec): a message that comes first there comes first here. */
import type { FieldError, KubeObject } from '../../definition.ts'
import { checkId, checkIp, checkOneOf, checkRange, checkRule } from '../../kit/checks.ts'
import { duplicate, forbidden, invalid, required, notSupported } from '../../kit/field-errors.ts'
import { validateAnnotations, validateLabels } from '../../kit/metadata.ts'
import { dnsLabel, dnsSubdomain, relaxedSubdomain, qualifiedName } from '../../kit/names.ts'
import type { PodRules } from './pod-rules.ts'
import { checkContainers, checkEphemeralContainers, checkInitContainers } from './validate-containers.ts'
import { checkResources } from './validate-resources.ts'
import { checkAffinity, checkSpread, checkTolerations } from './validate-scheduling.ts'
import { checkSeccomp } from './validate-security.ts'
import { checkVolumes } from './validate-volumes.ts'

/* oxlint-disable typescript/no-explicit-any */

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

function validatePodSpec(spec: any, path: string, rules: PodRules): FieldError[] {
  const volumes = checkVolumes(spec.volumes ?? [], `${path}.volumes`)
  const errors = [
    ...volumes.errors,
    ...checkContainers(spec.containers ?? [], volumes.known, `${path}.containers`, rules),
    ...checkInitContainers(spec.initContainers ?? [], spec.containers ?? [], volumes.known, `${path}.initContainers`, rules),
    ...checkEphemeralContainers(spec, volumes.known, `${path}.ephemeralContainers`, rules),
    ...checkHostPorts(spec, path, rules),
    ...checkOneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`),
    ...checkOneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...checkPodSecurity(spec, `${path}.securityContext`),
    ...checkAffinity(spec.affinity, `${path}.affinity`),
    ...checkDns(spec, `${path}.dnsConfig`),
    ...checkGates(spec, path),
    ...checkSpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`),
  ]
  if (spec.serviceAccountName) errors.push(...checkRule(dnsSubdomain, spec.serviceAccountName, `${path}.serviceAccountName`))
  if (spec.nodeName) errors.push(...checkRule(dnsSubdomain, spec.nodeName, `${path}.nodeName`))
  errors.push(...checkRange(spec.activeDeadlineSeconds, 1, 2 ** 31 - 1, `${path}.activeDeadlineSeconds`))
  if (spec.hostname) errors.push(...checkRule(dnsLabel, spec.hostname, `${path}.hostname`))
  if (spec.subdomain) errors.push(...checkRule(dnsLabel, spec.subdomain, `${path}.subdomain`))
  errors.push(...checkTolerations(spec.tolerations ?? [], `${path}.tolerations`))
  for (const [index, alias] of (spec.hostAliases ?? []).entries()) {
    errors.push(...checkIp(alias.ip ?? '', `${path}.hostAliases[${index}].ip`))
    for (const [at, name] of (alias.hostnames ?? []).entries()) {
      errors.push(...checkRule(dnsSubdomain, name, `${path}.hostAliases[${index}].hostnames[${at}]`))
    }
  }
  if (spec.priorityClassName) errors.push(...checkRule(dnsSubdomain, spec.priorityClassName, `${path}.priorityClassName`))
  if (spec.runtimeClassName !== undefined) errors.push(...checkRule(dnsSubdomain, spec.runtimeClassName, `${path}.runtimeClassName`))
  if (spec.preemptionPolicy !== undefined) {
    errors.push(...checkOneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`))
  }
  if (spec.overhead) errors.push(...checkResources({ limits: spec.overhead }, `${path}.overhead`))
  if (spec.os) errors.push(...checkOperatingSystem(spec.os, `${path}.os`))
  return errors
}

/** Rules for a whole pod beyond its metadata (ValidatePodCreate). */
export function validatePod(pod: KubeObject, rules: PodRules): FieldError[] {
  const spec = pod['spec'] ?? {}
  const errors = validatePodSpec(spec, 'spec', rules)
  for (const key of ['containers', 'initContainers']) {
    for (const [index, { image }] of (spec[key] ?? []).entries()) errors.push(...checkImageSpace(image, `spec.${key}[${index}].image`))
  }
  return errors
}

export function validateNewPod(pod: KubeObject, rules: PodRules): FieldError[] {
  const spec = pod['spec'] ?? {}
  const errors = validatePod(pod, rules)
  if (spec.ephemeralContainers?.length) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  if (spec.nodeName && spec.schedulingGates?.length) {
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

export function checkImageSpace(image: string | undefined, path: string): FieldError[] {
  return image !== undefined && image !== image.trim() ? [invalid(path, image, 'must not have leading or trailing whitespace')] : []
}

/** Rules for the template of another kind (ValidatePodTemplateSpec). */
export function validatePodTemplate(template: any, path: string, minor: number): FieldError[] {
  const errors = [
    ...validateLabels(template.metadata?.labels, `${path}.labels`),
    ...validateAnnotations(template.metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template.spec ?? {}, `${path}.spec`, { minor, isPod: false }),
  ]
  if (template.spec?.ephemeralContainers?.length) {
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
  return errors
}

/** Rules for the template of a kind whose pods run for good; `owner` as the server's words name it. */
export function validateLastingTemplate(template: any, owner: string, minor: number): FieldError[] {
  const { spec = {} } = template
  const path = 'spec.template.spec'
  const errors = validatePodTemplate(template, 'spec.template', minor)
  if (spec.restartPolicy !== 'Always') errors.push(notSupported(`${path}.restartPolicy`, spec.restartPolicy ?? '', ['Always']))
  if (spec.activeDeadlineSeconds !== undefined) {
    errors.push(forbidden(`${path}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${owner} is not Supported`))
  }
  return errors
}

function checkHostPorts(spec: any, path: string, { isPod }: PodRules): FieldError[] {
  if (!spec.hostNetwork) return []
  const errors: FieldError[] = []
  for (const [index, container] of (spec.containers ?? []).entries()) {
    for (const [at, { hostPort = 0, containerPort = 0 }] of (container.ports ?? []).entries()) {
      if ((!isPod && hostPort === 0) || hostPort === containerPort) continue
      const field = `${path}.containers[${index}].ports[${at}].hostPort`
      errors.push(invalid(field, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
    }
  }
  return errors
}

function checkPodSecurity({ securityContext, shareProcessNamespace, hostPID }: any, path: string): FieldError[] {
  if (!securityContext) return []
  const errors = [
    ...checkId(securityContext.fsGroup, `${path}.fsGroup`),
    ...checkId(securityContext.runAsUser, `${path}.runAsUser`),
    ...checkId(securityContext.runAsGroup, `${path}.runAsGroup`),
  ]
  for (const [index, group] of (securityContext.supplementalGroups ?? []).entries()) {
    errors.push(...checkId(group, `${path}.supplementalGroups[${index}]`))
  }
  if (shareProcessNamespace && hostPID) {
    errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  errors.push(...checkSysctls(securityContext.sysctls ?? [], `${path}.sysctls`))
  if (securityContext.fsGroupChangePolicy !== undefined) {
    errors.push(...checkOneOf(securityContext.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${path}.fsGroupChangePolicy`))
  }
  return [...errors, ...checkSeccomp(securityContext.seccompProfile, `${path}.seccompProfile`)]
}

const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'

/** Settings of the kernel by name, each once. */
function checkSysctls(sysctls: any[], path: string): FieldError[] {
  const seen = new Set<string>()
  return sysctls.flatMap(({ name = '' }, index) => {
    const at = `${path}[${index}].name`
    const errors = name === '' ? [required(at)] : []
    if (name !== '' && (name.length > 253 || !new RegExp(`^${SYSCTL}$`).test(name))) {
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ^${SYSCTL}$`))
    } else if (seen.has(name)) errors.push({ type: 'Duplicate', field: at, value: name, detail: '' })
    seen.add(name)
    return errors
  })
}

function checkDns({ dnsPolicy, dnsConfig }: any, path: string): FieldError[] {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')]
    if (!dnsConfig.nameservers?.length) {
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')]
    }
  }
  const errors: FieldError[] = []
  const { nameservers = [], searches = [], options = [] } = dnsConfig ?? {}
  if (nameservers.length > 3) errors.push(invalid(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers'))
  for (const [index, server] of nameservers.entries()) errors.push(...checkIp(server, `${path}.nameservers[${index}]`))
  if (searches.length > 32) errors.push(invalid(`${path}.searches`, searches, 'must not have more than 32 search paths'))
  for (const [index, search] of searches.entries()) {
    if (search !== '.') errors.push(...checkRule(relaxedSubdomain, search.replace(/\.$/, ''), `${path}.searches[${index}]`))
  }
  for (const [index, option] of options.entries()) if (!option.name) errors.push(required(`${path}.options[${index}]`, 'must not be empty'))
  return errors
}

function checkGates({ readinessGates = [], schedulingGates = [] }: any, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, gate] of readinessGates.entries()) {
    errors.push(...checkRule(qualifiedName, gate.conditionType ?? '', `${path}.readinessGates[${index}].conditionType`))
  }
  const seen = new Set<string>()
  for (const [index, { name = '' }] of schedulingGates.entries()) {
    const at = `${path}.schedulingGates[${index}]`
    errors.push(...checkRule(qualifiedName, name, at))
    if (seen.has(name)) errors.push(duplicate(at, name))
    seen.add(name)
  }
  return errors
}

function checkOperatingSystem(system: any, path: string): FieldError[] {
  if (!system.name) return [required(`${path}.name`)]
  return ['linux', 'windows'].includes(system.name) ? [] : checkOneOf(system.name, ['linux', 'windows'], path)
}
