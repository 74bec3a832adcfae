import { minorVersion } from '../../kit/version.ts'
import type { ClusterSettings } from '../../definition.ts'
import { fill } from '../../kit/fill.ts'

/* oxlint-disable typescript/no-explicit-any */

/** A reference without tag and digest means `latest`; one that cannot be parsed means nothing (parsers.ParseImageName). */
function pullPolicy(image: unknown): 'Always' | 'IfNotPresent' {
  const reference = /^(?<name>([\w.-]+(:\d+)?\/)?[a-z0-9._/-]+)(:(?<tag>\w[\w.-]{0,127}))?(@(?<digest>[a-z0-9+._-]+:[0-9a-f]{32,}))?$/
  const parts = typeof image === 'string' ? reference.exec(image)?.groups : undefined
  if (parts === undefined) return 'IfNotPresent'
  return parts['tag'] === 'latest' || (parts['tag'] === undefined && parts['digest'] === undefined) ? 'Always' : 'IfNotPresent'
}

const PROBE_DEFAULTS = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }

function probeDefaults(probe: any): void {
  if (!probe) return
  for (const [key, value] of Object.entries(PROBE_DEFAULTS)) if (!probe[key]) probe[key] = value
  httpDefaults(probe.httpGet)
  if (probe.grpc) fill(probe.grpc, 'service', '')
}

function httpDefaults(httpGet: any): void {
  if (!httpGet) return
  if (!httpGet.path) httpGet.path = '/'
  if (!httpGet.scheme) httpGet.scheme = 'HTTP'
}

function containerDefaults(container: any): void {
  for (const port of container.ports ?? []) if (!port.protocol) port.protocol = 'TCP'
  for (const variable of container.env ?? []) if (variable.valueFrom?.fieldRef) fill(variable.valueFrom.fieldRef, 'apiVersion', 'v1')
  if (!container.imagePullPolicy) container.imagePullPolicy = pullPolicy(container.image)
  if (!container.terminationMessagePath) container.terminationMessagePath = '/dev/termination-log'
  if (!container.terminationMessagePolicy) container.terminationMessagePolicy = 'File'
  fill(container, 'resources', {})
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) probeDefaults(container[probe])
  httpDefaults(container.lifecycle?.postStart?.httpGet)
  httpDefaults(container.lifecycle?.preStop?.httpGet)
}

const VOLUME_SOURCES = [
  'hostPath',
  'emptyDir',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'persistentVolumeClaim',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'downwardAPI',
  'fc',
  'azureFile',
  'configMap',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'projected',
  'portworxVolume',
  'scaleIO',
  'storageos',
  'csi',
  'ephemeral',
  'image',
] as const

function volumeDefaults(volume: any): void {
  if (!VOLUME_SOURCES.some((source) => volume[source] != null)) volume.emptyDir = {}
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) if (volume[source]) fill(volume[source], 'defaultMode', 420)
  if (volume.hostPath) fill(volume.hostPath, 'type', '')
  fieldRefDefaults(volume.downwardAPI)
  for (const source of volume.projected?.sources ?? []) {
    fieldRefDefaults(source.downwardAPI)
    if (source.serviceAccountToken) fill(source.serviceAccountToken, 'expirationSeconds', 3600)
  }
  const claim = volume.ephemeral?.volumeClaimTemplate?.spec
  if (claim) fill(claim, 'volumeMode', 'Filesystem')
}

function fieldRefDefaults(downward: any): void {
  for (const item of downward?.items ?? []) if (item.fieldRef) fill(item.fieldRef, 'apiVersion', 'v1')
}

/** The defaults that pods and templates of pods share (SetDefaults_PodSpec and those below it). */
function podSpecDefaults(spec: any, settings: ClusterSettings): void {
  if (!spec.dnsPolicy) spec.dnsPolicy = 'ClusterFirst'
  if (!spec.restartPolicy) spec.restartPolicy = 'Always'
  fill(spec, 'securityContext', {})
  fill(spec, 'terminationGracePeriodSeconds', 30)
  if (!spec.schedulerName) spec.schedulerName = 'default-scheduler'
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])]) {
    containerDefaults(container)
  }
  for (const volume of spec.volumes ?? []) volumeDefaults(volume)
  if (spec.hostNetwork && minorVersion(settings) < 28) hostNetworkPorts(spec)
  if (spec.serviceAccountName || spec.serviceAccount) {
    if (!spec.serviceAccountName) spec.serviceAccountName = spec.serviceAccount
    spec.serviceAccount = spec.serviceAccountName
  }
}

/** On the host's network a container's port is the host's. Up to 1.27 templates were filled in too. */
function hostNetworkPorts(spec: any): void {
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const port of container.ports ?? []) if (!port.hostPort && port.containerPort) port.hostPort = port.containerPort
  }
}

/** The defaults of a pod itself (SetDefaults_Pod): requests that limits stand for, and what templates do not show. */
export function podDefaults(pod: any, settings: ClusterSettings): void {
  const spec = pod.spec
  if (!spec) return
  podSpecDefaults(spec, settings)
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    for (const [name, quantity] of Object.entries(container.resources?.limits ?? {})) {
      if (container.resources.requests?.[name] === undefined) (container.resources.requests ??= {})[name] = quantity
    }
  }
  fill(spec, 'enableServiceLinks', true)
  if (spec.hostNetwork) hostNetworkPorts(spec)
}

/** Defaults of a template: those of the pod's spec, and an empty metadata. */
export function podTemplateDefaults(template: any, settings: ClusterSettings): void {
  fill(template, 'metadata', {})
  // Up to 1.33 the server's encoder wrote the time that a template cannot have.
  if (minorVersion(settings) < 34) template.metadata.creationTimestamp = null
  if (template.spec) podSpecDefaults(template.spec, settings)
}
