/** The objects that a check looks at: the resource's name is found by discovery, as kubectl finds it. */
import type { CheckSubject } from '../protocol/lab.ts'
import type { Api } from './api.ts'
import type { KubernetesObject } from './reflector.ts'

interface Resource {
  /** /api/v1 or /apis/GROUP/VERSION */
  prefix: string
  group: string
  plural: string
  namespaced: boolean
  names: string[]
  verbs: string[]
  kind: string
}

export interface Lookup {
  /** Objects of a subject; none where the object or its kind does not exist. Rejects where the server does not answer. */
  objects(subject: CheckSubject, signal?: AbortSignal): Promise<KubernetesObject[]>
  /** Every resource that the cluster serves, the preferred version of each. */
  resources(): Promise<readonly Resource[]>
  /** Forgets what was discovered. */
  forget(): void
}

export type { Resource }

async function resourcesAt(api: Api, prefix: string, group: string): Promise<Resource[]> {
  const { status, body } = await api.request('GET', prefix)
  if (status !== 200) return []
  return (body.resources ?? []).flatMap((resource: any): Resource[] =>
    resource.name.includes('/')
      ? []
      : [
          {
            prefix,
            group,
            plural: resource.name,
            namespaced: resource.namespaced,
            verbs: resource.verbs ?? [],
            kind: resource.kind,
            names: [resource.name, resource.singularName, resource.kind.toLowerCase(), ...(resource.shortNames ?? [])],
          },
        ],
  )
}

/** A group's resources, each in the most preferred version that has it: not every version has all of them. */
async function resourcesOf(api: Api, group: { name: string; versions: { groupVersion: string }[] }): Promise<Resource[]> {
  const versions = await Promise.all(group.versions.map(({ groupVersion }) => resourcesAt(api, `/apis/${groupVersion}`, group.name)))
  const byName = new Map<string, Resource>()
  for (const resource of versions.flat()) if (!byName.has(resource.plural)) byName.set(resource.plural, resource)
  return [...byName.values()]
}

export function createLookup(api: Api): Lookup {
  let discovered: Promise<Resource[]> | null = null

  const discover = async (): Promise<Resource[]> => {
    const core = resourcesAt(api, '/api/v1', '')
    const { body } = await api.request('GET', '/apis')
    const groups: Promise<Resource[]>[] = (body.groups ?? []).map((group: any) => resourcesOf(api, group))
    return (await Promise.all([core, ...groups])).flat()
  }

  const resources = (): Promise<Resource[]> => {
    discovered ??= discover().catch((error: unknown) => {
      discovered = null
      throw error
    })
    return discovered
  }

  const find = async (name: string): Promise<Resource | undefined> => {
    const [plain, ...group] = name.split('.')
    const matches = (resource: Resource): boolean =>
      resource.names.includes(plain!) && (group.length === 0 || resource.group === group.join('.'))
    const known = (await resources()).find(matches)
    if (known) return known
    // a custom resource may have been defined since
    discovered = null
    return (await resources()).find(matches)
  }

  return {
    resources,
    forget: () => void (discovered = null),
    async objects(subject, signal) {
      const resource = await find(subject.resource)
      if (!resource) return []
      const space = resource.namespaced ? `/namespaces/${encodeURIComponent(subject.namespace)}` : ''
      const path = `${resource.prefix}${space}/${resource.plural}`
      if (subject.name !== null) {
        const { status, body } = await api.request('GET', `${path}/${encodeURIComponent(subject.name)}`, { signal })
        if (status === 404) return []
        if (status !== 200) throw new Error(body?.message ?? `the server answered ${status}`)
        return [body]
      }
      const query = subject.selector === null ? '' : `?labelSelector=${encodeURIComponent(subject.selector)}`
      const { status, body } = await api.request('GET', path + query, { signal })
      if (status === 404) return []
      if (status !== 200) throw new Error(body?.message ?? `the server answered ${status}`)
      return body.items ?? []
    },
  }
}
