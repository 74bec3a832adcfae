/**
 * Writes template-types.json, the Go types of a pod template: controllers name what they make of a template by a hash of its Go form, which goes by the
 * names and the order of the fields. Run by hand for a new version of Kubernetes:
 *
 *     node server/lab/resources/go-form/generate.ts GO_MODULES
 *
 * GO_MODULES is `$(go env GOMODCACHE)/k8s.io`, in which api and apimachinery lie in the versions below.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The Kubernetes versions that the lab has, oldest first. */
const VERSIONS = ['v0.20.1', 'v0.35.4']
const ROOT = 'v1.PodTemplateSpec'

const [modules] = process.argv.slice(2)
if (modules === undefined) {
  process.stderr.write('usage: node generate.ts GO_MODULES (see the comment at the top of this file)\n')
  process.exit(2)
}

type Structs = Map<string, string[]>

/** `Name json type` of every field, in order; what is embedded has no name in JSON. */
function read(version: string): { structs: Structs; kinds: Map<string, string> } {
  const structs: Structs = new Map()
  const kinds = new Map<string, string>()
  for (const [module, folder] of [
    ['api', 'core/v1'],
    ['apimachinery', 'pkg/apis/meta/v1'],
  ]) {
    let current: string[] | undefined
    for (const line of readFileSync(join(modules as string, `${module}@${version}`, folder as string, 'types.go'), 'utf8').split('\n')) {
      const start = /^type (\w+) struct \{/.exec(line)
      const named = /^type (\w+) (string|u?int\d*|map\[\w+\][\w.]+)$/.exec(line)
      if (start) structs.set(`v1.${start[1]}`, (current = []))
      else if (named) kinds.set(`v1.${named[1]}`, named[2] as string)
      else if (line.startsWith('}')) current = undefined
      else if (current) {
        const field = /^\t(\w+)\s+([\w.*[\]]+)\s+`[^`]*json:"([^",]*)[^`]*`/.exec(line)
        const embedded = /^\t([\w.]+)\s+`[^`]*json:"([^",]*)[^`]*`/.exec(line)
        if (field) current.push(`${field[1]} ${field[3] || '-'} ${typeName(field[2] as string)}`)
        else if (embedded)
          current.push(`${(embedded[1] as string).replace(/^.*\./, '')} ${embedded[2] || '-'} ${typeName(embedded[1] as string)}`)
      }
    }
  }
  return { structs, kinds }
}

const OWN = /^(string|bool|byte|u?int\d*|float64)$/

function typeName(type: string): string {
  const container = /^(\*|\[\]|map\[([\w.]+)\])(.*)$/.exec(type)
  if (container) {
    const key = container[2]
    return `${key === undefined ? container[1] : `map[${typeName(key)}]`}${typeName(container[3] as string)}`
  }
  if (OWN.test(type)) return type === 'byte' ? 'uint8' : type
  return type.includes('.') ? type.replace('metav1.', 'v1.') : `v1.${type}`
}

/** The structs that can be reached from the root. */
function reachable(structs: Structs, kinds: Map<string, string>): Set<string> {
  const found = new Set<string>()
  const visit = (type: string): void => {
    const plain = type.replace(/^(\*|\[\]|map\[[\w.]+\])+/, '')
    const alias = kinds.get(plain)
    if (alias?.startsWith('map')) return visit(alias)
    if (found.has(plain) || !structs.has(plain)) return
    found.add(plain)
    for (const field of structs.get(plain) ?? []) visit(field.split(' ')[2] as string)
  }
  visit(ROOT)
  return found
}

const [old, current] = VERSIONS.map(read) as [ReturnType<typeof read>, ReturnType<typeof read>]
const names = new Set([...reachable(old.structs, old.kinds), ...reachable(current.structs, current.kinds)])
const structs: Record<string, string> = {}
for (const name of [...names].toSorted()) {
  const before = old.structs.get(name) ?? []
  const after = current.structs.get(name) ?? []
  const merged = after.map((field) => (before.length === 0 || before.includes(field) ? field : `${field} +`))
  before.forEach((field, i) => {
    if (after.length === 0 || after.includes(field)) return
    const previous = merged.findIndex((each) => each.startsWith(before[i - 1] ?? '\0'))
    merged.splice(previous + 1, 0, `${field} -`)
  })
  structs[name] = (merged.length === 0 ? before : merged).map((field) => shortened(field)).join(', ')
}
const used = JSON.stringify(structs)
const kinds = Object.fromEntries(
  [...old.kinds, ...current.kinds].filter(([name, kind]) => kind !== 'string' && used.includes(name)).toSorted(),
)

/** The JSON name is left out where it is the Go name with a small first letter. */
function shortened(field: string): string {
  const [name = '', json = '', ...rest] = field.split(' ')
  return [name, ...(json === `${name[0]?.toLowerCase()}${name.slice(1)}` ? [] : [json]), ...rest].join(' ')
}

const file = join(import.meta.dirname, 'template-types.json')
writeFileSync(file, `${JSON.stringify({ structs, kinds }, null, 0).replaceAll('","', '",\n"')}\n`)
