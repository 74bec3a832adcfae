/** What the recordings say: the screen and the cluster after each step. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeCast } from '../../../server/protocol/asciicast.ts'
import { applyChange, emptyTopology, type Topology } from '../../../server/protocol/topology.ts'
import { screensOf } from '../../../server/recording/screens.ts'
import { ROOT } from './start-deck.ts'

export interface RecordedStep {
  rows: string[]
  topology: Topology
}

function withoutEmptyEnd(rows: readonly string[]): string[] {
  return rows.slice(0, rows.findLastIndex((row) => row !== '') + 1)
}

/** By step id. */
export async function recordedSteps(lab: string): Promise<Map<string, RecordedStep>> {
  const path = join(ROOT, 'public/recordings', `${lab}.cast`)
  const read = decodeCast(await readFile(path, 'utf8'))
  if ('error' in read) throw new Error(`${path}:${read.error.line}: ${read.error.message}`)
  const steps = new Map<string, RecordedStep>()
  for (const { step, rows } of await screensOf(read.cast)) steps.set(step, { rows: withoutEmptyEnd(rows), topology: emptyTopology() })
  let topology = emptyTopology()
  let open: string | null = null
  const close = (): void => {
    if (open !== null) steps.get(open)!.topology = topology
  }
  for (const event of read.cast.events) {
    if (event.code === 'k') topology = event.changes.reduce(applyChange, topology)
    if (event.code === 'm') {
      close()
      open = event.step
    }
  }
  close()
  return steps
}
