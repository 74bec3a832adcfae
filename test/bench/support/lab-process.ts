/**
 * A lab for the bench, in a process of its own: the server of server/lab with one more ear, by which its heap can be asked for. Started by lab.ts with
 * `node --expose-gc`; the first argument is its options as JSON.
 */
import { startLabServer } from '../../../server/lab/lab-server.ts'
import type { LabUse } from './lab.ts'

const faults: string[] = []
const server = await startLabServer({
  ...JSON.parse(process.argv[2] as string),
  onFault: (error) => void faults.push(String((error as Error)?.stack ?? error)),
})
await server.ready

process.on('message', (question: 'use' | 'cpu') => {
  const { user, system } = process.cpuUsage()
  const cpu = (user + system) / 1000
  if (question === 'cpu') return void process.send?.(cpu)
  // twice: what the first one lets go by finalizers and weak references goes with the second
  gc?.()
  gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  process.send?.({ heap: heapUsed + external, rss, cpu, faults: faults.splice(0) } satisfies LabUse)
})
process.on('SIGTERM', () => void server.close().then(() => process.exit(0)))
process.on('disconnect', () => process.exit(0))
process.send?.(server.info)
