/** How a fuzzer runs: how often, and from where. `FUZZ_SEED=7 FUZZ_RUNS=100000 npx vitest run test/unit/lab/fuzz` repeats or deepens a run. */
import { startLabServer, type LabServer } from '../../../../server/lab/lab-server.ts'
import { rawClient, type RawClient } from './client.ts'
import { SAMPLES, SHIRTS, THERE, type Sample } from './objects.ts'

export const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_125)
export const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10_000)
export const REPLAY = `repeat it by FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}`

/** Tells the seed, whether or not anything fails. */
export function tellSeed(what: string): void {
  process.stdout.write(`${what}: ${RUNS} runs, seed ${SEED} (${REPLAY})\n`)
}

export interface FuzzLab {
  server: LabServer
  client: RawClient
  /** Bugs of the lab's own, which nobody may find. */
  faults: unknown[]
  /** Puts the object that is there before the fuzzing back to what it was. */
  restore(sample: Sample): Promise<void>
  stop(): Promise<void>
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** A whole lab, its controllers and kubelets running, with one object of each sample's kind. */
export async function startFuzzLab(): Promise<FuzzLab> {
  const faults: unknown[] = []
  const server = await startLabServer({
    preset: 'bare',
    port: 0,
    kubeconfig: null,
    speed: 1,
    seed: 1,
    onFault: (error) => void faults.push(error),
  })
  await server.ready
  const client = rawClient(server.info.server)
  const create = async (path: string, body: object): Promise<void> => {
    const { status, text } = await client.send({ method: 'POST', path, headers: JSON_TYPE, body: JSON.stringify(body) })
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${text}`)
  }
  const remove = (path: string) =>
    client.send({ method: 'DELETE', path, headers: JSON_TYPE, body: '{"gracePeriodSeconds":0,"propagationPolicy":"Background"}' })
  await create('/api/v1/namespaces', { metadata: { name: 'other' } })
  await create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', SHIRTS)
  for (const { path, body } of Object.values(SAMPLES)) await create(path, body(THERE))
  // the garbage collector looks for new kinds every 30 s, and watches them from then on
  await server.cluster.current().clock.forward(31_000)
  return {
    server,
    client,
    faults,
    async restore({ path, body }) {
      await remove(`${path}/${THERE}`)
      await create(path, body(THERE))
    },
    async stop() {
      client.close()
      await server.close()
    },
  }
}
