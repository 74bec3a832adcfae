/** MetalLB's two programs as container images: those versions whose behaviour the lab knows. */
import type { ContainerContext, ContainerImage, RunningContainer } from '../kubelet/image.ts'
import { startController } from './controller.ts'
import { startLegacyController } from './legacy/controller.ts'
import { startLegacySpeaker } from './legacy/speaker.ts'
import { readsConfigMap, versionOf } from './process/process.ts'
import { startSpeaker } from './speaker.ts'

type Program = (context: ContainerContext, version: string) => RunningContainer

const CURRENT = ['v0.15.3', 'v0.15.2']
const LEGACY = ['v0.9.6', 'v0.9.5', 'v0.9.4', 'v0.9.3']

function image(names: string[], tags: string[], size: number, current: Program, legacy: Program): ContainerImage {
  return {
    names,
    tags,
    size,
    pullTime: 900,
    start(context) {
      const version = versionOf(context.container.image)
      return (readsConfigMap(version) ? legacy : current)(context, version)
    },
  }
}

export const metallbImages: ContainerImage[] = [
  image(['quay.io/metallb/controller'], [...CURRENT, ...LEGACY], 31_120_000, startController, startLegacyController),
  image(['quay.io/metallb/speaker'], [...CURRENT, ...LEGACY], 55_700_000, startSpeaker, startLegacySpeaker),
  image(['metallb/controller'], LEGACY, 14_050_000, startController, startLegacyController),
  image(['metallb/speaker'], LEGACY, 15_400_000, startSpeaker, startLegacySpeaker),
]
