/** `npm run record`: every lab of the deck, step by step, into public/recordings/. A recording replaces the old one only when it is whole. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveKubectl } from '../kubectl.ts'
import { createLabs } from '../labs.ts'
import { Problem } from '../problem.ts'
import { encodeCast } from '../protocol/asciicast.ts'
import { readDeck } from '../read-deck.ts'
import { recordLab } from '../record.ts'
import { RECORDINGS } from '../recordings.ts'
import { progress, say } from './console.ts'
import { onEnd } from './lifecycle.ts'

/** The same names, picks and addresses in every recording, so that a new one differs where the deck or the lab does. */
const SEED = 20_261_125

export async function record(only: string[], folder = RECORDINGS): Promise<void> {
  const manifest = await readDeck()
  const unknown = only.find((id) => manifest.labs.every((lab) => lab.id !== id))
  if (unknown) throw new Problem(`--lab ${unknown}: the deck has no such lab; it has ${manifest.labs.map((lab) => lab.id).join(', ')}`)
  const kubectl = await progress('looking for kubectl', () => resolveKubectl())
  const labs = createLabs({ manifest, config: { preset: 'today', pool: null }, kubectl, real: null, embedded: { seed: SEED } })
  onEnd(() => labs.dispose())
  await mkdir(folder, { recursive: true })
  for (const lab of manifest.labs.filter((one) => only.length === 0 || only.includes(one.id))) {
    say.start(`recording lab ${lab.id}`)
    const recorded = await recordLab(labs.session(lab.id)!, lab, (step, command) => say.log(`  ${step}  ${command}`))
    if ('error' in recorded) throw new Problem(`${recorded.error}. The recording of ${lab.id} was left as it was`)
    const path = join(folder, `${lab.id}.cast`)
    await writeFile(`${path}.new`, encodeCast(recorded.cast))
    await rename(`${path}.new`, path)
    say.success(`${path}: ${recorded.cast.events.length} events, ${Math.round(recorded.cast.events.at(-1)?.at ?? 0)} s`)
  }
  await labs.dispose()
}
