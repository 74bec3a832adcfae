/** What the steps of the deck write: read off their commands and off the manifests that these apply. Pure. */
import type { Step } from '../protocol/lab.ts'

/** kubectl's verbs that change a cluster. */
const WRITING = new Set(
  'apply create expose run scale autoscale patch delete edit replace label annotate set rollout cordon uncordon drain taint'.split(' '),
)

/** Those of them that can make an object that was not there. */
const MAKING = new Set('apply create expose run autoscale replace'.split(' '))

/** An object as a manifest names it. */
export interface ManifestObject {
  kind: string
  name: string
  namespace: string | null
}

/** The words of a command line, without quotes. Enough for commands that people read on a slide. */
export function words(command: string): string[] {
  return [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|"([^"]*)"|[^\s'"]+/g)].map((match) => match[1] ?? match[2] ?? match[0])
}

function optionValues(all: string[], ...names: string[]): string[] {
  return all.flatMap((word, index) => {
    const [name, value] = word.split('=', 2)
    if (!names.includes(name!)) return []
    return value !== undefined ? [value] : all[index + 1] !== undefined ? [all[index + 1]!] : []
  })
}

/** `k` and `ka` are the shell's aliases. */
function uses(step: Step, verbs: Set<string>): boolean {
  const all = words(step.command)
  return all.some((word, index) => word === 'ka' || ((word === 'kubectl' || word === 'k') && verbs.has(all[index + 1] ?? '')))
}

/** True where a step may change the cluster. */
export function isWriting(step: Step): boolean {
  return uses(step, WRITING)
}

/** True where a step may make objects. */
export function isMaking(step: Step): boolean {
  return uses(step, MAKING)
}

/** The files that a step applies, by name. */
export function filesOf(step: Step): string[] {
  const all = words(step.command)
  const files = optionValues(all, '-f', '--filename')
  return [...files, ...all.flatMap((word, index) => (word === 'ka' && all[index + 1] ? [all[index + 1]!] : []))].map((file) =>
    file.split('/').at(-1)!,
  )
}

/** The namespaces that steps write to, `default` where a command names none. `manifests`: objects by file name. */
export function namespacesOf(steps: Step[], manifests: Map<string, ManifestObject[]>): string[] {
  const found = steps.filter(isWriting).flatMap((step) => {
    const named = optionValues(words(step.command), '-n', '--namespace')
    const objects = filesOf(step).flatMap((file) => manifests.get(file) ?? [])
    const inFiles = objects.flatMap(({ kind, name, namespace }) => (kind === 'Namespace' ? [name] : namespace === null ? [] : [namespace]))
    return named.length + inFiles.length > 0 ? [...named, ...inFiles] : ['default']
  })
  return [...new Set(found)].toSorted()
}

/** Names that an object can have when this step has made it: the command's own words, and what its files define. */
export function namesOf(step: Step, manifests: Map<string, ManifestObject[]>): Set<string> {
  const said = words(step.command).flatMap((word) => word.split(/[=/,:]/))
  return new Set([...said, ...filesOf(step).flatMap((file) => (manifests.get(file) ?? []).map((object) => object.name))])
}
