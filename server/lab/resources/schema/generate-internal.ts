/**
 * Writes internal.json, the server's inner form of pods, volumes and what else is quoted: its field names and their order. Messages that print a whole spec print it in that form. Run
 * by hand for a new version of Kubernetes:
 *
 *     node server/lab/resources/schema/generate-internal.ts KUBERNETES/pkg/apis/{core,batch}/types.go
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const sources = process.argv.slice(2)
if (sources.length === 0) {
  process.stderr.write('usage: node generate-internal.ts KUBERNETES/pkg/apis/{core,batch}/types.go\n')
  process.exit(2)
}

const structs = new Map<string, string[]>()
const aliases = new Map<string, string>()
let current: string[] | undefined
for (const line of sources.flatMap((source) => readFileSync(source, 'utf8').split('\n'))) {
  const start = /^type (\w+) struct \{/.exec(line)
  const alias = /^type (\w+) (?!struct|interface)(\S+)$/.exec(line)
  if (start) structs.set(start[1] as string, (current = []))
  else if (alias) aliases.set(alias[1] as string, alias[2] as string)
  else if (line.startsWith('}')) current = undefined
  else if (current) {
    const field = /^\t(\w+)\s+([\w.*[\]]+)\s*(?:`.*`)?\s*(?:\/\/.*)?$/.exec(line)
    const embedded = /^\t([\w.]+)\s*(?:`.*`)?\s*(?:\/\/.*)?$/.exec(line)
    if (field) current.push(`${field[1]} ${field[2]}`)
    else if (embedded && !line.startsWith('\t//')) current.push(`+ ${embedded[1]}`)
  }
}

function resolve(type: string): string {
  if (type.startsWith('*')) return `*${resolve(type.slice(1))}`
  if (type.startsWith('[]')) return `[]${resolve(type.slice(2))}`
  if (type.startsWith('map[')) return `map${resolve(type.replace(/^map\[\w+\]/, ''))}`
  const target = aliases.get(type)
  return target === undefined ? type : resolve(target)
}

const wanted = ['PodTemplateSpec', 'PodSpec', 'PersistentVolumeClaimSpec', 'PersistentVolumeSource', 'SuccessPolicy']
const result: Record<string, string[]> = {}
for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
  const fields = structs.get(name)
  if (fields === undefined || name in result) continue
  result[name] = fields.map((field) => {
    const [key, type] = field.split(' ') as [string, string]
    const resolved = resolve(type)
    wanted.push(resolved.replace(/^(\*|\[\]|map)+/, ''))
    return `${key} ${resolved}`
  })
}
const lines = Object.entries(result)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([name, fields]) => `${JSON.stringify(name)}: ${JSON.stringify(fields)}`)
writeFileSync(join(import.meta.dirname, 'internal.json'), `{\n${lines.join(',\n')}\n}\n`)
