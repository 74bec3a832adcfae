/** All images that the lab's registry has. */
import { createHash } from 'node:crypto'
import type { ContainerImage } from '../image.ts'
import { type ImageReference, parseImageReference } from '../reference.ts'
import { busybox } from './busybox.ts'
import { systemImages } from './system.ts'
import { echoHname, nginx } from './web.ts'

const images = new Map<string, ContainerImage>()

/** Adds an image under all its names. */
export function registerImage(image: ContainerImage): void {
  for (const name of image.names) {
    const reference = parseImageReference(name)
    if (!reference) throw new Error(`image name "${name}" is no image reference; write it as in a pod's spec, without a tag`)
    images.set(reference.repository, image)
  }
}

for (const image of [echoHname, nginx, busybox, ...systemImages]) registerImage(image)

/** The image that a reference names, or undefined where the registry has no such repository or tag. */
export function findImage(reference: ImageReference): ContainerImage | undefined {
  const image = images.get(reference.repository)
  if (!image) return undefined
  return reference.digest !== null || image.tags.includes(reference.tag) ? image : undefined
}

export function hasRepository(reference: ImageReference): boolean {
  return images.has(reference.repository)
}

/** The digest of an image's manifest; the same image under another tag has the same. */
export function digestOf(reference: ImageReference): string {
  const image = images.get(reference.repository)
  return `sha256:${createHash('sha256')
    .update(`${image?.names[0] ?? reference.repository}:${reference.tag}`)
    .digest('hex')}`
}
