/**
 * Writes columns.json, the descriptions of the columns of an API server's Tables. Run by hand for a new version of Kubernetes, beside `kubectl proxy`:
 *
 *     node server/lab/resources/kit/generate-columns.ts http://127.0.0.1:8001
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Column {
  name: string
  description: string
}

const [server] = process.argv.slice(2)
if (server === undefined) {
  process.stderr.write('usage: node generate-columns.ts SERVER, the address that kubectl proxy prints\n')
  process.exit(2)
}

// oxlint-disable-next-line typescript/no-explicit-any
async function read(path: string, accept = 'application/json'): Promise<any> {
  const answer = await fetch(`${server}${path}`, { headers: { accept } })
  if (!answer.ok) throw new Error(`${server}${path} answered ${answer.status}; is kubectl proxy running there?`)
  return answer.json()
}

const tables = new Map<string, Column[]>()
const groups: { versions: { groupVersion: string }[] }[] = (await read('/apis')).groups
const bases = ['/api/v1', ...groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => `/apis/${groupVersion}`))]
for (const base of bases) {
  const group = base.split('/').length > 3 ? base.split('/')[2] : ''
  for (const { name, verbs } of (await read(base)).resources as { name: string; verbs: string[] }[]) {
    if (name.includes('/') || !verbs.includes('list')) continue
    const table = await read(`${base}/${name}?limit=1`, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    tables.set(group ? `${name}.${group}` : name, table.columnDefinitions)
  }
}

// What many kinds say of the same column stands once, under `*`.
const common: Record<string, string> = {}
for (const name of ['Name', 'Age', 'Created At']) {
  for (const columns of tables.values()) common[name] ??= columns.find((column) => column.name === name)?.description ?? ''
}
const own: Record<string, Record<string, string>> = { '*': common }
for (const [resource, columns] of [...tables].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const different = columns.filter(({ name, description }) => common[name] !== description)
  if (different.length > 0) own[resource] = Object.fromEntries(different.map(({ name, description }) => [name, description]))
}
writeFileSync(join(import.meta.dirname, 'columns.json'), `${JSON.stringify(own, null, 1)}\n`)
