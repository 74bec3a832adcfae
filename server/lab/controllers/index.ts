/** All controllers of the control plane. */
import { disposeAll } from '../machinery/disposables.ts'
import { storeFor } from '../machinery/managed-store.ts'
import type { Disposable } from '../store/store.ts'
import { startAutoscaler } from './autoscaler.ts'
import { startCronJobController } from './batch/cronjob.ts'
import { startJobController } from './batch/job.ts'
import { startJobTtlController } from './batch/job-ttl.ts'
import { startCertificateSigner } from './certificates/signer.ts'
import { startDaemonSetController } from './daemonset.ts'
import { startDeploymentController } from './deployment/deployment.ts'
import { startDisruptionController } from './disruption.ts'
import { startEndpointsController } from './endpoints/endpoints.ts'
import { startEndpointSliceMirroring } from './endpoints/mirroring.ts'
import { startEndpointSliceController } from './endpoints/slices.ts'
import { startEventExpiry } from './event-ttl.ts'
import { startGarbageCollector } from './garbage-collector.ts'
import { startNamespaceDefaults } from './namespace-defaults.ts'
import { startNamespaceController } from './namespaces.ts'
import { type NodeLifecycleContext, startNodeLifecycleController } from './nodes/lifecycle.ts'
import { startPodGarbageCollector } from './nodes/pod-gc.ts'
import { startTaintEviction } from './nodes/taint-eviction.ts'
import { startQuotaController } from './quota.ts'
import { startReplicaSetController } from './replicaset.ts'
import { startScheduler } from './scheduler/scheduler.ts'
import { startRoleAggregation } from './role-aggregation.ts'
import { startTokenController } from './service-account-tokens.ts'
import { startStatefulSetController } from './statefulset.ts'
import { startVolumeBinder } from './volumes/binder.ts'
import { startVolumeProtection } from './volumes/protection.ts'

/** Starts every controller whose kinds the cluster has. */
export function startControllers(lab: NodeLifecycleContext): Disposable {
  const controllers: [start: (context: NodeLifecycleContext) => Disposable, needs: string[]][] = [
    [startScheduler, ['pods', 'nodes']],
    [startReplicaSetController, ['replicasets.apps']],
    [startDeploymentController, ['deployments.apps', 'replicasets.apps']],
    [startDaemonSetController, ['daemonsets.apps', 'controllerrevisions.apps']],
    [startStatefulSetController, ['statefulsets.apps', 'controllerrevisions.apps']],
    [startJobController, ['jobs.batch']],
    [startJobTtlController, ['jobs.batch']],
    [startCronJobController, ['cronjobs.batch', 'jobs.batch']],
    [startEndpointsController, ['endpoints']],
    [startEndpointSliceController, ['endpointslices.discovery.k8s.io']],
    [startEndpointSliceMirroring, ['endpointslices.discovery.k8s.io']],
    [startNamespaceDefaults, ['serviceaccounts', 'configmaps']],
    [startNamespaceController, ['namespaces']],
    [startGarbageCollector, ['customresourcedefinitions.apiextensions.k8s.io']],
    [startNodeLifecycleController, ['nodes', 'leases.coordination.k8s.io']],
    [startTaintEviction, ['nodes']],
    [startPodGarbageCollector, ['pods']],
    [startDisruptionController, ['poddisruptionbudgets.policy']],
    [startAutoscaler, ['horizontalpodautoscalers.autoscaling']],
    [startVolumeBinder, ['persistentvolumes', 'persistentvolumeclaims']],
    [startVolumeProtection, ['persistentvolumes', 'persistentvolumeclaims']],
    [startRoleAggregation, ['clusterroles.rbac.authorization.k8s.io']],
    [startTokenController, ['secrets', 'serviceaccounts']],
    [startQuotaController, ['resourcequotas']],
    [startCertificateSigner, ['certificatesigningrequests.certificates.k8s.io']],
    [startEventExpiry, ['events']],
  ]
  const manager: NodeLifecycleContext = { ...lab, store: storeFor(lab.store, 'kube-controller-manager') }
  const scheduler: NodeLifecycleContext = { ...lab, store: storeFor(lab.store, 'kube-scheduler') }
  return disposeAll(
    controllers
      .filter(([, needs]) => needs.every((resource) => lab.store.definition(resource)))
      .map(([start]) => start(start === startScheduler ? scheduler : manager)),
  )
}
