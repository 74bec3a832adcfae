/** The kinds of objects of the lab, in the order in which the API server lists them: by group as discovery does, by name within a group. */
import { daemonSets } from './apps/daemon-sets.ts'
import { deployments } from './apps/deployments.ts'
import { replicaSets } from './apps/replica-sets.ts'
import { leases } from './coordination.ts'
import { configMaps, secrets } from './core/config.ts'
import { endpoints } from './core/endpoints.ts'
import { events } from './core/events.ts'
import { namespaces } from './core/namespaces.ts'
import { nodes } from './core/nodes.ts'
import { pods } from './core/pods/index.ts'
import { serviceAccounts } from './core/service-accounts.ts'
import { services } from './core/services/index.ts'
import type { ClusterSettings, ResourceDefinition } from './definition.ts'
import { endpointSlices } from './discovery/endpoint-slices.ts'
import { customResourceDefinitions } from './extensions/custom-resource-definitions.ts'

/** All kinds that an API server of the settings' version has built in. */
export function builtinResources(settings: ClusterSettings): ResourceDefinition[] {
  return [
    configMaps(),
    endpoints(settings),
    events(),
    namespaces(settings),
    nodes(),
    pods(settings),
    secrets(),
    serviceAccounts(settings),
    services(settings),
    customResourceDefinitions(),
    daemonSets(settings),
    deployments(settings),
    replicaSets(settings),
    leases(),
    endpointSlices(settings),
  ]
}
