import type { FieldError } from '../../definition.ts'
import { checkOneOf, checkPort, checkRule, checkMaybeOneOf } from '../../kit/checks.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../kit/field-errors.ts'
import { dnsLabel, portName } from '../../kit/names.ts'
import { checkEnvironment } from './validate-environment.ts'
import { checkLifecycle, checkProbes } from './validate-probes.ts'
import { checkResources } from './validate-resources.ts'
import { checkContainerSecurity } from './validate-security.ts'
import { checkRelativePath } from './validate-volumes.ts'
import type { PodRules } from './pod-rules.ts'

/* oxlint-disable typescript/no-explicit-any */

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError']
const SIDECARS_SINCE = 28

export function checkContainers(containers: any[], volumes: ReadonlyMap<string, any>, path: string, rules: PodRules): FieldError[] {
  if (containers.length === 0) return [required(path)]
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`
    errors.push(...checkCommon(container, volumes, at, rules))
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    errors.push(...checkLifecycle(container.lifecycle, `${at}.lifecycle`), ...checkProbes(container, at))
    errors.push(...checkRestartPolicy(container, at, rules))
  }
  return [...errors, ...checkHostPortConflicts(containers, path)]
}

/** Rules by exit code came with 1.35; before, only init containers had a policy of their own. */
function checkRestartPolicy({ restartPolicy, restartPolicyRules }: any, at: string, { minor }: PodRules): FieldError[] {
  if (restartPolicy === undefined || restartPolicy === null) {
    return restartPolicyRules?.length ? [required(`${at}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []
  }
  if (minor < 35) return [forbidden(`${at}.restartPolicy`, 'may not be set for non-init containers')]
  const supported = ['Always', 'Never', 'OnFailure']
  return supported.includes(restartPolicy) ? [] : [notSupported(`${at}.restartPolicy`, restartPolicy, supported)]
}

export function checkInitContainers(
  containers: any[],
  regular: any[],
  volumes: ReadonlyMap<string, any>,
  path: string,
  rules: PodRules,
): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>(regular.map((each) => each.name))
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`
    errors.push(...checkCommon(container, volumes, at, rules))
    errors.push(...checkInitRestartPolicy(container, at, rules))
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    errors.push(...checkHostPortConflicts([container], path))
    if (container.restartPolicy === 'Always') {
      errors.push(...checkLifecycle(container.lifecycle, `${at}.lifecycle`), ...checkProbes(container, at))
      continue
    }
    for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
      if (!container[key]) continue
      const message = 'may not be set for init containers without restartPolicy=Always'
      errors.push(
        rules.minor >= SIDECARS_SINCE
          ? forbidden(`${at}.${key}`, message)
          : invalid(`${at}.${key}`, container[key], 'must not be set for init containers'),
      )
    }
  }
  return errors
}

function checkInitRestartPolicy(container: any, at: string, rules: PodRules): FieldError[] {
  if (rules.minor >= 35) return checkRestartPolicy(container, at, rules)
  const policy = container.restartPolicy
  return policy === undefined || policy === 'Always' ? [] : [notSupported(`${at}.restartPolicy`, policy, ['Always'])]
}

export function checkEphemeralContainers(spec: any, volumes: ReadonlyMap<string, any>, path: string, rules: PodRules): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((each: any) => each.name))
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = `${path}[${index}]`
    errors.push(...checkCommon(container, volumes, at, rules))
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    else names.add(container.name)
    const { targetContainerName } = container
    if (
      targetContainerName &&
      ![...(spec.containers ?? []), ...(spec.initContainers ?? [])].some(({ name }) => name === targetContainerName)
    ) {
      errors.push(notFound(`${at}.targetContainerName`, targetContainerName))
    }
    for (const key of ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle']) {
      if (container[key] !== undefined) errors.push(forbidden(`${at}.${key}`, 'cannot be set for an Ephemeral Container'))
    }
  }
  return errors
}

/** What holds for every kind of container (validateContainerCommon). */
function checkCommon(container: any, volumes: ReadonlyMap<string, any>, path: string, rules: PodRules): FieldError[] {
  const errors = container.name ? checkRule(dnsLabel, container.name, `${path}.name`) : [required(`${path}.name`)]
  if (!container.image) errors.push(required(`${path}.image`))
  return [
    ...errors,
    ...checkOneOf(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`),
    ...checkPorts(container.ports ?? [], `${path}.ports`),
    ...checkEnvironment(container, path, rules),
    ...checkMounts(container, volumes, `${path}.volumeMounts`),
    ...checkOneOf(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`),
    ...checkResources(container.resources ?? {}, `${path}.resources`),
    ...checkContainerSecurity(container.securityContext, `${path}.securityContext`),
  ]
}

function checkPorts(ports: any[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `${path}[${index}]`
    if (port.name) {
      const problems = checkRule(portName, port.name, `${at}.name`)
      if (problems.length > 0) errors.push(...problems)
      else if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      else names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`))
    else errors.push(...checkPort(port.containerPort, `${at}.containerPort`))
    if (port.hostPort) errors.push(...checkPort(port.hostPort, `${at}.hostPort`))
    errors.push(...checkOneOf(port.protocol, PROTOCOLS, `${at}.protocol`))
  }
  return errors
}

function checkHostPortConflicts(containers: any[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const taken = new Set<string>()
  for (const [index, container] of containers.entries()) {
    for (const [at, { hostPort, protocol, hostIP = '' }] of (container.ports ?? []).entries()) {
      if (!hostPort) continue
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(key)) errors.push(duplicate(`${path}[${index}].ports[${at}].hostPort`, key))
      taken.add(key)
    }
  }
  return errors
}

function checkMounts({ volumeMounts = [], volumeDevices = [] }: any, volumes: ReadonlyMap<string, any>, path: string): FieldError[] {
  const errors: FieldError[] = []
  const paths = new Set<string>()
  for (const [index, mount] of volumeMounts.entries()) {
    const at = `${path}[${index}]`
    if (!mount.name) errors.push(required(`${at}.name`))
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name ?? ''))
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`))
    if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    for (const device of volumeDevices) {
      if (device.name === mount.name) errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'))
      if (device.devicePath === mount.mountPath) {
        errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'))
      }
    }
    // The server names the list here, not the item.
    errors.push(
      ...checkMaybeOneOf(mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None'], `${path}.mountPropagation`),
      ...checkMaybeOneOf(mount.recursiveReadOnly, ['Disabled', 'Enabled', 'IfPossible'], `${path}.recursiveReadOnly`),
    )
    if (mount.subPath) errors.push(...checkRelativePath(mount.subPath, `${path}.subPath`))
    if (mount.subPathExpr && mount.subPath) {
      errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    }
  }
  return errors
}
