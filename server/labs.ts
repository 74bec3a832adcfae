/** The sessions of all labs of a deck, each on its cluster. What app.ts serves to pages, and what the recorder drives without any page. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Cluster } from './cluster/cluster.ts'
import { startEmbedded } from './cluster/embedded.ts'
import { rewriteFor, rewriteManifest, type Rewrite } from './cluster/plan.ts'
import { shareReal, type RealCluster } from './cluster/real.ts'
import type { Config } from './config.ts'
import { kubectlCompletion } from './kubectl.ts'
import type { DeckManifest, Lab } from './protocol/lab.ts'
import { LabSession } from './session/lab-session.ts'
import { findShell } from './terminal/shell.ts'
import { connect } from './topology/api.ts'
import { createTopologySource } from './topology/source.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

export interface LabsOptions {
  manifest: DeckManifest
  config: Pick<Config, 'preset' | 'pool'>
  kubectl: string
  /** The real cluster that labs without a preset run on, or null: each gets an embedded one. */
  real: RealCluster | null
  /** Folder of the manifests that lie in HOME. */
  manifests?: string
  /** Seed and speed of embedded labs, for recordings and tests. */
  embedded?: { seed?: number; speed?: number; main?: string }
  /** How long checks have to come true, ms. */
  checkTimeout?: number
}

export interface Labs {
  /** With commands and checks as they are on this cluster. */
  readonly manifest: DeckManifest
  /** Goes on with an edited deck. A lab keeps its shell and its cluster, unless it has another size or preset now: then it begins anew. */
  update(deck: DeckManifest): Promise<void>
  /** Told after each update. */
  onUpdate(listener: () => void): void
  /** The session of a lab, or null where the deck has no such lab. Starts nothing. */
  session(lab: string): LabSession | null
  /** Those that were started. */
  running(): LabSession[]
  dispose(): Promise<void>
}

/** A pod of the embedded lab is there within seconds; a real cluster may have to pull an image through a conference's network. ms */
const CHECK_TIMEOUT = { embedded: 30_000, real: 120_000 }

async function readManifests(folder: string, rewrite: Rewrite): Promise<{ name: string; text: string }[]> {
  const names = await readdir(folder).catch(() => [] as string[])
  return Promise.all(
    names
      .filter((name) => /\.ya?ml$/.test(name))
      .map(async (name) => ({ name, text: rewrite(await readFile(join(folder, name), 'utf8')) })),
  )
}

export function createLabs(options: LabsOptions): Labs {
  const { config, real, kubectl } = options
  const { plan } = options.manifest
  const rewrite = rewriteFor(plan, real?.nodes ?? [], config.pool)
  let manifest = rewriteManifest(options.manifest, rewrite, config.pool)
  const shell = findShell()
  const isReal = (lab: Lab): boolean => real !== null && lab.preset === null

  const cluster = (lab: Lab): Promise<Cluster> =>
    isReal(lab) ? shareReal(real!) : startEmbedded({ preset: lab.preset ?? config.preset, ...options.embedded })

  const sessionOf = (lab: Lab): LabSession =>
    new LabSession({
      lab,
      checkTimeout: options.checkTimeout ?? (isReal(lab) ? CHECK_TIMEOUT.real : CHECK_TIMEOUT.embedded),
      cluster: () => cluster(lab),
      topology: async ({ kubeconfig, identity }) => createTopologySource(await connect(kubeconfig), identity.kubernetes),
      shell: async ({ kubeconfig, env }) => ({
        shell,
        host: manifest.plan.nodes[0]?.name ?? 'lab',
        kubectl,
        completion: shell.kind === 'bash' ? await kubectlCompletion(kubectl) : null,
        kubeconfig,
        files: await readManifests(options.manifests ?? join(ROOT, 'public/manifests'), lab.preset === null ? rewrite : (text) => text),
        labCommand: [process.execPath, join(ROOT, 'server/lab/command.ts')],
        env,
      }),
    })

  const sessions = new Map(manifest.labs.map((lab) => [lab.id, sessionOf(lab)]))
  const listeners: (() => void)[] = []
  const isSameShell = (one: Lab, other: Lab): boolean => one.cols === other.cols && one.rows === other.rows && one.preset === other.preset

  return {
    get manifest() {
      return manifest
    },
    async update(deck) {
      manifest = rewriteManifest(deck, rewrite, config.pool)
      const left: Promise<void>[] = []
      for (const [id, session] of sessions) {
        const lab = manifest.labs.find((one) => one.id === id)
        if (lab && isSameShell(lab, session.lab)) session.update(lab)
        else {
          sessions.delete(id)
          left.push(session.dispose())
        }
      }
      for (const lab of manifest.labs) if (!sessions.has(lab.id)) sessions.set(lab.id, sessionOf(lab))
      for (const listener of listeners) listener()
      await Promise.all(left)
    },
    onUpdate: (listener) => void listeners.push(listener),
    session: (lab) => sessions.get(lab) ?? null,
    running: () => [...sessions.values()].filter((session) => session.isStarted),
    dispose: async () => void (await Promise.all([...sessions.values()].map((session) => session.dispose()))),
  }
}
