/** All controllers of the control plane. */
import type { ControllerContext } from '../machinery/context.ts'
import { disposeAll } from '../machinery/disposables.ts'
import type { Disposable } from '../store/store.ts'
import { startDeploymentController } from './deployment/deployment.ts'
import { startReplicaSetController } from './replicaset.ts'
import { startScheduler } from './scheduler/scheduler.ts'

/** Starts every controller whose kinds the cluster has. */
export function startControllers(lab: ControllerContext): Disposable {
  const controllers: [start: (context: ControllerContext) => Disposable, needs: string[]][] = [
    [startScheduler, ['pods', 'nodes']],
    [startReplicaSetController, ['replicasets.apps']],
    [startDeploymentController, ['deployments.apps', 'replicasets.apps']],
  ]
  return disposeAll(
    controllers.filter(([, needs]) => needs.every((resource) => lab.store.definition(resource))).map(([start]) => start(lab)),
  )
}
