/** Joins the parts of the lab to one cluster: store, API server, controllers, kubelets, network. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import { createAdmissionRegistry } from './admission.ts'
import { bootstrap } from './api/bootstrap/bootstrap.ts'
import { startCustomResources } from './api/custom-resources.ts'
import { handleApiRequest } from './api/server.ts'
import { LabClock } from './clock.ts'
import type { LabContext } from './context.ts'
import { startControllers } from './controllers/index.ts'
import { startKubelets } from './kubelet/index.ts'
import { registerImage } from './kubelet/images/index.ts'
import { metallbImages } from './metallb/images.ts'
import { createNetwork } from './network/create-network.ts'
import { createNodePower } from './power.ts'
import type { Preset } from './presets/preset.ts'
import { createRandom } from './random.ts'
import type { KubeObject } from './resources/definition.ts'
import { builtinResources } from './resources/index.ts'
import { createStore } from './store/create-store.ts'

for (const image of metallbImages) registerImage(image)

export interface ClusterOptions {
  preset: Preset
  /** Where the lab's random numbers start. */
  seed?: number
  /** Lab time over real time; 1 where absent. */
  speed?: number
  /** Takes bugs of the lab's; standard error where absent. */
  onFault?: (error: unknown) => void
}

export interface Cluster {
  /** The run that is on now: another one after a reset. */
  current(): LabContext
  /** Resolves once all nodes and system pods are ready. */
  ready(): Promise<void>
  reset(): Promise<void>
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  dispose(): void
}

interface Run {
  lab: LabContext
  ready: Promise<void>
  dispose(): void
}

/**
 * After a reset, revisions go on above all that clients may have seen, so that whoever watched the old run is told that its revision is too old (410)
 * and lists again.
 */
const REVISION_GAP = 1_000

/** Starts a cluster. Nothing listens yet: its handlers belong into an HTTP server. */
export function createCluster(options: ClusterOptions): Cluster {
  const onFault = options.onFault ?? ((error: unknown) => void process.stderr.write(`lab: this must not happen: ${inspect(error)}\n`))
  let run = start(1)
  let disposed = false

  function start(revision: number): Run {
    const { preset } = options
    const clock = new LabClock(onFault)
    if (options.speed !== undefined) clock.setSpeed(options.speed)
    const random = createRandom(options.seed ?? 1)
    const store = createStore({
      definitions: builtinResources(preset.settings),
      settings: preset.settings,
      now: () => clock.now(),
      random,
      onFault,
      revision,
    })
    const disposals = new Set<() => void>()
    const lab: LabContext = {
      clock,
      store,
      settings: preset.settings,
      preset,
      startedAt: clock.now(),
      random,
      admission: createAdmissionRegistry(),
      power: createNodePower(() => clock.now()),
      fault: onFault,
      reset,
      onDispose(dispose) {
        disposals.add(dispose)
        return { dispose: () => void disposals.delete(dispose) }
      },
    }
    const parts = [startCustomResources(lab), createNetwork(lab)]
    preset.seed(lab)
    parts.push(bootstrap(lab))
    parts.push(startKubelets(lab), startControllers(lab))
    return {
      lab,
      ready: whenReady(lab),
      dispose() {
        for (const dispose of [...disposals]) dispose()
        for (const part of parts.toReversed()) part.dispose()
        clock.dispose()
      },
    }
  }

  async function reset(): Promise<void> {
    const revision = run.lab.store.revision() + REVISION_GAP
    run.dispose()
    run = start(revision)
    await run.ready
  }

  return {
    current: () => run.lab,
    ready: () => run.ready,
    reset,
    handleRequest(request, response) {
      void handleApiRequest(run.lab, request, response)
    },
    handleUpgrade(request, socket, head) {
      void import('./api/streaming/upgrade.ts').then(
        ({ handleStreamUpgrade }) => handleStreamUpgrade(run.lab, request, socket, head),
        (error: unknown) => {
          onFault(error)
          socket.destroy()
        },
      )
    },
    dispose() {
      if (disposed) return
      disposed = true
      run.dispose()
    },
  }
}

/** Resolves once every node and every pod of kube-system is ready. */
function whenReady(lab: LabContext): Promise<void> {
  const { store, preset } = lab
  const isReady = ({ status }: KubeObject): boolean =>
    status?.conditions?.some((condition: { type: string; status: string }) => condition.type === 'Ready' && condition.status === 'True') ??
    false
  const allReady = (): boolean => {
    const nodes = store.list('nodes')
    return nodes.length >= preset.nodes.length && nodes.every(isReady) && store.list('pods', 'kube-system').every(isReady)
  }
  return new Promise((resolve) => {
    const watches: { dispose(): void }[] = []
    const finish = (): void => {
      for (const watch of watches) watch.dispose()
      resolve()
    }
    // Looked at again one turn later: a controller may still be about to make the pods that have to be ready.
    const check = (): void => {
      if (!allReady()) return
      lab.clock.after(0, () => {
        if (allReady()) finish()
      })
    }
    watches.push(store.watch('nodes', {}, check), store.watch('pods', { namespace: 'kube-system' }, check))
    lab.onDispose(finish)
    check()
  })
}
