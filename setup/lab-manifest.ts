/** Gives the browser the manifest of the deck as a module, and stops a build whose labs cannot be read. */
import type { Plugin } from 'vite'
import { formatDeckError, manifestOf, type LoadedDeck } from '../server/deck/parse.ts'
import type { DeckManifest } from '../server/protocol/lab.ts'

/** What the components import: `import manifest from 'virtual:lab-manifest'`. */
const MODULE = 'virtual:lab-manifest'
const RESOLVED = `\0${MODULE}`

/** The parts of Slidev's resolved options that are needed here. `data` is renewed by Slidev with every edit of the deck. */
export interface DeckOptions {
  userRoot: string
  data: LoadedDeck
}

/** The manifest, or an exception that names file and line of every error: Vite shows it in the page and fails a build with it. */
export function manifestOrThrow(options: DeckOptions): DeckManifest {
  const parsed = manifestOf(options.data, options.userRoot)
  if ('manifest' in parsed) return parsed.manifest
  throw new Error(`the deck's labs cannot be read:\n${parsed.errors.map((error) => `  ${formatDeckError(error)}`).join('\n')}`)
}

export function labManifest(options: DeckOptions): Plugin {
  return {
    name: 'lab-manifest',
    buildStart() {
      if (this.meta.watchMode !== true) manifestOrThrow(options)
    },
    resolveId: (id) => (id === MODULE ? RESOLVED : undefined),
    load: (id) => (id === RESOLVED ? `export default ${JSON.stringify(manifestOrThrow(options))}` : undefined),
    handleHotUpdate({ file, modules, server }) {
      const manifest = server.moduleGraph.getModuleById(RESOLVED)
      if (!file.endsWith('.md') || !manifest) return modules
      server.moduleGraph.invalidateModule(manifest)
      return [...modules, manifest]
    },
  }
}
