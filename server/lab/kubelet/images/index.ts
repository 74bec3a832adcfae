/** The registries that a cluster's nodes pull from, by name; a preset says which. */
import { createHash } from 'node:crypto'
import type { ContainerImage } from '../image.ts'
import { type ImageReference, parseImageReference } from '../reference.ts'
import { comparison } from './comparison.ts'
import { dockerHub } from './docker-hub.ts'
import { systemImages } from './system.ts'

type Registry = Map<string, ContainerImage[]>

const registries = new Map<string, Registry>([
  ['docker-hub', new Map()],
  ['comparison', new Map()],
])

function registryOf(name: string): Registry {
  const registry = registries.get(name)
  if (!registry) throw new Error(`there is no registry "${name}": presets may name ${[...registries.keys()].join(', ')}`)
  return registry
}

/** Adds an image under all its names, to every registry where none is named. */
export function registerImage(image: ContainerImage, only?: string): void {
  for (const name of image.names) {
    const reference = parseImageReference(name)
    if (!reference) throw new Error(`image name "${name}" is no image reference; write it as in a pod's spec, without a tag`)
    for (const registry of only === undefined ? registries.values() : [registryOf(only)]) {
      registry.set(reference.repository, [...(registry.get(reference.repository) ?? []), image])
    }
  }
}

for (const image of dockerHub) registerImage(image, 'docker-hub')
for (const image of comparison) registerImage(image, 'comparison')
for (const image of systemImages) registerImage(image)

/** The image that a reference names, or undefined where the registry has no such repository or tag. */
export function findImage(registry: string, reference: ImageReference): ContainerImage | undefined {
  const images = registryOf(registry).get(reference.repository)
  if (reference.digest === null) return images?.find(({ tags }) => tags.includes(reference.tag))
  return images?.find((image) => digestOf(image) === reference.digest) ?? images?.[0]
}

export function hasRepository(registry: string, reference: ImageReference): boolean {
  return registryOf(registry).has(reference.repository)
}

/** The digest of an image's manifest; the same image under another tag has the same. */
export function digestOf(image: ContainerImage): string {
  return `sha256:${createHash('sha256')
    .update(`${image.names[0] ?? ''}:${image.tags[0] ?? ''}`)
    .digest('hex')}`
}
