/** What a pod's volumes look like inside a container: ConfigMaps, Secrets, tokens and facts of the pod as files, empty directories to share. */
import { microTimestamp } from '../../machinery/objects.ts'
import type { KubeObject } from '../../resources/definition.ts'
import type { Store } from '../../store/store.ts'
import { decodeBytes } from '../../machinery/bytes.ts'
import { type Directory, type Entry, entriesOf, type File, makeDirectory, makeFile, makeLink } from './files.ts'

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Volume = { name: string; [source: string]: any }

export interface ResourceReference {
  containerName?: string
  /** `limits.cpu` */
  resource: string
  divisor?: string
}

export interface VolumeFacts {
  store: Store
  pod: KubeObject
  now(): number
  /** The token of the pod's service account. */
  token(): string
  /** What downward API fields say: metadata.name and the like. */
  field(path: string): string
  /** What a container of the pod asks for or may use. */
  resource(reference: ResourceReference): string
  /** Directories that the pod's containers share, by the volume's name. They live as long as the pod. */
  shared: Map<string, Directory>
}

interface Projected {
  text: string
  mode?: number
}

/** A volume's root, or undefined where the lab has nothing to show for it. */
export function volumeEntry(volume: Volume, facts: VolumeFacts): Directory {
  const sources = projectedSources(volume)
  if (sources) return projection(() => projectedFiles(sources, facts), volume, facts)
  let directory = facts.shared.get(volume.name)
  if (!directory) {
    directory = makeDirectory(facts.now(), volume['emptyDir'] ? 0o777 : 0o755)
    facts.shared.set(volume.name, directory)
  }
  const memory = volume['emptyDir']?.medium === 'Memory'
  directory.mount = memory
    ? { source: 'tmpfs', type: 'tmpfs', options: 'rw,relatime' }
    : { source: '/dev/sda1', type: 'ext4', options: 'rw,relatime' }
  return directory
}

/** One entry of a volume, for subPath: taken when the container starts, and not followed later. */
export function subEntry(root: Directory, path: string, now: number): Entry {
  let entry: Entry = root
  for (const name of path.split('/').filter(Boolean)) {
    let next: Entry | undefined = entry.kind === 'directory' ? entriesOf(entry).get(name) : undefined
    while (next?.kind === 'link') next = resolveLink(root, String(next.target))
    if (!next) {
      next = makeDirectory(now)
      if (entry.kind === 'directory') entriesOf(entry).set(name, next)
    }
    entry = next
  }
  return entry
}

function resolveLink(root: Directory, target: string): Entry | undefined {
  let entry: Entry | undefined = root
  for (const name of target.split('/').filter(Boolean)) {
    entry = entry?.kind === 'directory' ? entriesOf(entry).get(name) : undefined
    if (entry?.kind === 'link') entry = resolveLink(root, String(entry.target))
  }
  return entry
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function projectedSources(volume: Volume): Record<string, any>[] | null {
  if (volume['configMap']) return [{ configMap: volume['configMap'] }]
  if (volume['secret']) return [{ secret: { ...volume['secret'], name: volume['secret'].secretName } }]
  if (volume['downwardAPI']) return [{ downwardAPI: volume['downwardAPI'] }]
  return volume['projected']?.sources ?? null
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
function projectedFiles(sources: Record<string, any>[], facts: VolumeFacts): Map<string, Projected> {
  const files = new Map<string, Projected>()
  for (const source of sources) {
    const object = source['configMap'] ?? source['secret']
    if (object) {
      const kind = source['secret'] ? 'secrets' : 'configmaps'
      const stored = facts.store.get(kind, facts.pod.metadata.namespace ?? null, object.name)
      const data: Record<string, string> = {}
      for (const [key, value] of Object.entries((stored?.['data'] ?? {}) as Record<string, string>)) {
        data[key] = kind === 'secrets' ? decodeBytes(Buffer.from(value, 'base64')) : value
      }
      for (const [key, value] of Object.entries((stored?.['binaryData'] ?? {}) as Record<string, string>))
        data[key] = decodeBytes(Buffer.from(value, 'base64'))
      const items: { key: string; path: string; mode?: number }[] = object.items ?? Object.keys(data).map((key) => ({ key, path: key }))
      for (const { key, path, mode } of items)
        if (data[key] !== undefined) files.set(path, { text: data[key], ...(mode === undefined ? {} : { mode }) })
    }
    if (source['serviceAccountToken']) files.set(source['serviceAccountToken'].path, { text: facts.token() })
    for (const item of source['downwardAPI']?.items ?? [])
      files.set(item.path, {
        text: item.fieldRef ? facts.field(item.fieldRef.fieldPath) : facts.resource(item.resourceFieldRef),
        ...(item.mode === undefined ? {} : { mode: item.mode }),
      })
  }
  return files
}

/** As the kubelet's atomic writer lays it out: a directory named after the time, `..data` that leads to it, and a link for each name. */
function projection(files: () => Map<string, Projected>, volume: Volume, facts: VolumeFacts): Directory {
  const source = volume['configMap'] ?? volume['secret'] ?? volume['projected'] ?? volume['downwardAPI']
  const mode: number = source?.defaultMode ?? 0o644
  const changedAt = facts.now()
  const stamp = microTimestamp(changedAt)
  const folder = `..${stamp.slice(0, 19).replaceAll('-', '_').replace('T', '_').replaceAll(':', '_')}.${stamp.slice(20, 26)}001`
  const inMemory = !volume['configMap']
  return {
    kind: 'directory',
    mode: 0o1777,
    changedAt,
    readOnly: true,
    mount: inMemory
      ? { source: 'tmpfs', type: 'tmpfs', options: 'ro,relatime' }
      : { source: '/dev/sda1', type: 'ext4', options: 'ro,relatime' },
    entries: () => {
      const inside = makeDirectory(changedAt)
      const entries = new Map<string, Entry>([
        [folder, inside],
        ['..data', makeLink(folder, changedAt)],
      ])
      for (const [path, { text, mode: own }] of files()) {
        const parts = path.split('/')
        let directory = inside
        for (const part of parts.slice(0, -1)) {
          const known = entriesOf(directory).get(part)
          const next = known?.kind === 'directory' ? known : makeDirectory(changedAt)
          entriesOf(directory).set(part, next)
          directory = next
        }
        entriesOf(directory).set(parts.at(-1) as string, makeFile(text, changedAt, own ?? mode) as File)
        const [top = ''] = parts
        entries.set(top, makeLink(`..data/${top}`, changedAt))
      }
      return entries
    },
  }
}
