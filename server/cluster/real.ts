/** A cluster that the deck did not start: looked at through a kubeconfig with one context, asked about before the first write, and cleaned up with care. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { ROOT } from '../build-deck.ts'
import { messageOf, Problem } from '../problem.ts'
import { stepsOf, type DeckManifest } from '../protocol/lab.ts'
import type { ClusterIdentity } from '../protocol/messages.ts'
import { connect, type Api } from '../topology/api.ts'
import { nodeEntity } from '../topology/entities.ts'
import { createLookup } from '../topology/lookup.ts'
import { versionOf } from '../topology/source.ts'
import type { Cluster } from './cluster.ts'
import { readOneContext } from './kubeconfig.ts'
import { createLedger } from './ledger.ts'
import { filesOf, isWriting, namespacesOf, type ManifestObject } from './writes.ts'

export interface RealCluster {
  identity: ClusterIdentity
  /** Path of the kubeconfig with this context alone. */
  kubeconfig: string
  /** URL of the API server. */
  server: string
  nodes: { name: string; address: string; controlPlane: boolean }[]
  /** Namespaces that the labs write to, and the manifests they apply, for the question before the first write. */
  namespaces: string[]
  manifests: string
  /** Objects of the manifests that the deck applies, by file name. */
  objects: Map<string, ManifestObject[]>
  api: Api
  dispose(): Promise<void>
}

export interface OpenRealOptions {
  kubeconfig: string
  context: string | null
  manifest: DeckManifest
  /** Folder of the manifests that the deck applies. */
  manifests?: string
}

async function readManifestObjects(folder: string): Promise<Map<string, ManifestObject[]>> {
  const names = (await readdir(folder).catch(() => [] as string[])).filter((name) => /\.ya?ml$/.test(name))
  const entries = names.map(async (name): Promise<[string, ManifestObject[]]> => {
    const documents = parseAllDocuments(await readFile(join(folder, name), 'utf8'))
    const objects = documents.map((document) => document.toJS()).filter((object) => object?.metadata?.name)
    return [name, objects.map(({ kind, metadata }) => ({ kind, name: metadata.name, namespace: metadata.namespace ?? null }))]
  })
  return new Map(await Promise.all(entries))
}

async function look(api: Api, server: string, context: string): Promise<Pick<RealCluster, 'nodes'> & { kubernetes: string }> {
  try {
    const kubernetes = await versionOf(api)
    const { status, body } = await api.request('GET', '/api/v1/nodes')
    if (status !== 200) throw new Error(body?.message ?? `the server answered ${status} to a list of nodes`)
    return { kubernetes, nodes: body.items.map((node: any) => nodeEntity(node, [])) }
  } catch (error) {
    throw new Problem(
      `the cluster of context ${context} at ${server} does not answer as it should: ${messageOf(error)}; check it with kubectl get nodes`,
    )
  }
}

/** Reads the kubeconfig, and asks the cluster who it is. Nothing is written. Throws a Problem where it cannot be used. */
export async function openReal({ kubeconfig, context, manifest, manifests }: OpenRealOptions): Promise<RealCluster> {
  const one = await readOneContext(kubeconfig, context)
  const folder = await mkdtemp(join(tmpdir(), 'lab-cluster-'))
  const file = join(folder, 'kubeconfig')
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    await writeFile(file, one.text, { mode: 0o600 })
    const api = await connect(file)
    const { kubernetes, nodes } = await look(api, one.server, one.context)
    const objects = await readManifestObjects(manifests ?? join(ROOT, 'public/manifests'))
    const steps = manifest.labs.filter((lab) => lab.preset === null).flatMap(stepsOf)
    return {
      identity: { source: 'real', kubernetes, preset: null, context: one.context },
      kubeconfig: file,
      server: one.server,
      nodes,
      namespaces: namespacesOf(steps, objects),
      manifests: [...new Set(steps.filter(isWriting).flatMap(filesOf))].join(', '),
      objects,
      api,
      async dispose() {
        api.dispose()
        await discard()
      },
    }
  } catch (error) {
    await discard()
    throw error
  }
}

/** A lab's view of the cluster. All labs without a preset share it; each deletes at its reset what its own steps have made. */
export async function shareReal(real: RealCluster): Promise<Cluster> {
  const ledger = createLedger(real.api, createLookup(real.api), real.objects)
  await ledger.ready
  return {
    identity: real.identity,
    kubeconfig: real.kubeconfig,
    env: {},
    listen() {},
    stepBegins: (step) => ledger.stepBegins(step),
    stepEnded: (step) => ledger.stepEnded(step),
    reset: () => ledger.clean(),
    dispose: () => Promise.resolve(),
  }
}
