/**
 * The kinds of objects of the lab. The order is the API server's: groups by their priority, as /apis lists them and as kubectl resolves a short name,
 * kinds by name within a group.
 */
import { roles } from './access.ts'
import { controllerRevisions } from './apps/controller-revisions.ts'
import { daemonSets } from './apps/daemon-sets.ts'
import { deployments } from './apps/deployments.ts'
import { replicaSets } from './apps/replica-sets.ts'
import { statefulSets } from './apps/stateful-sets.ts'
import { horizontalPodAutoscalers } from './autoscaling.ts'
import { cronJobs } from './batch/cron-jobs.ts'
import { jobs } from './batch/jobs.ts'
import { certificateSigningRequests } from './certificates.ts'
import { leases } from './coordination.ts'
import { configMaps, secrets } from './core/config.ts'
import { endpoints } from './core/endpoints.ts'
import { events, groupedEvents } from './core/events.ts'
import { limitRanges } from './core/limits.ts'
import { namespaces } from './core/namespaces.ts'
import { nodes } from './core/nodes.ts'
import { pods } from './core/pods/index.ts'
import { serviceAccounts } from './core/service-accounts.ts'
import { services } from './core/services/index.ts'
import { podTemplates, replicationControllers } from './core/templates.ts'
import { authentication, authorization, bindings, componentStatuses } from './core/virtual.ts'
import { persistentVolumeClaims, persistentVolumes } from './core/volumes.ts'
import type { ClusterSettings, ResourceDefinition } from './definition.ts'
import { deviceKinds } from './devices.ts'
import { endpointSlices } from './discovery/endpoint-slices.ts'
import { mutatingWebhooks, validatingPolicies, validatingWebhooks } from './extensions/admission.ts'
import { apiServices } from './extensions/api-services.ts'
import { customResourceDefinitions } from './extensions/custom-resource-definitions.ts'
import { flowControl } from './flow-control.ts'
import { minorVersion } from './kit/version.ts'
import { ingressClasses, ingresses, legacyIngresses, networkPolicies, serviceAddresses } from './networking.ts'
import { podDisruptionBudgets, podSecurityPolicies } from './policy.ts'
import { resourceQuotas } from './quota/quotas.ts'
import { priorityClasses, runtimeClasses } from './scheduling.ts'
import { csiKinds, storageCapacities, storageClasses, volumeAttachments, volumeAttributesClasses } from './storage.ts'

/** All kinds that an API server of the settings' version has built in. */
export function builtinResources(settings: ClusterSettings): ResourceDefinition[] {
  const minor = minorVersion(settings)
  const from = (version: number, kinds: () => ResourceDefinition[]): ResourceDefinition[] => (minor >= version ? kinds() : [])
  const until = (version: number, kinds: () => ResourceDefinition[]): ResourceDefinition[] => (minor <= version ? kinds() : [])
  const groups: ResourceDefinition[][] = [
    [
      bindings(),
      componentStatuses(),
      configMaps(),
      endpoints(),
      events(),
      limitRanges(),
      namespaces(settings),
      nodes(),
      persistentVolumeClaims(settings),
      persistentVolumes(settings),
      pods(settings),
      podTemplates(settings),
      replicationControllers(settings),
      resourceQuotas(),
      secrets(),
      serviceAccounts(settings),
      services(settings),
    ],
    [apiServices(settings)],
    until(21, () => [legacyIngresses()]),
    [controllerRevisions(), daemonSets(settings), deployments(settings), replicaSets(settings), statefulSets(settings)],
    [groupedEvents(settings)],
    authentication(settings),
    authorization(settings),
    [horizontalPodAutoscalers(settings)],
    [cronJobs(settings), jobs(settings)],
    [certificateSigningRequests(settings)],
    [ingressClasses(settings), ingresses(settings), networkPolicies(), ...from(33, serviceAddresses)],
    [podDisruptionBudgets(settings), ...until(24, () => [podSecurityPolicies()])],
    roles(settings),
    [
      ...csiKinds(settings),
      ...from(24, () => [storageCapacities()]),
      storageClasses(),
      volumeAttachments(settings),
      ...from(34, () => [volumeAttributesClasses()]),
    ],
    [mutatingWebhooks(settings), ...from(30, validatingPolicies), validatingWebhooks(settings)],
    [customResourceDefinitions(settings)],
    [priorityClasses(settings)],
    [leases(settings)],
    [runtimeClasses(settings)],
    [endpointSlices(settings)],
    from(34, deviceKinds),
    flowControl(settings),
  ]
  return groups.flatMap((kinds) => kinds.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)))
}
