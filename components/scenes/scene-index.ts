import { arpScene } from './scene-arp.ts'
import { cloudOffScene, cloudScene } from './scene-cloud.ts'
import { fourServicesScene } from './scene-four-services.ts'
import { l4Scene } from './scene-l4.ts'
import { metallbScene } from './scene-metallb.ts'
import { nodeportScene } from './scene-nodeport.ts'
import { policiesScene } from './scene-policies.ts'
import { threeAnswersScene } from './scene-three-answers.ts'
import type { Scene } from './scene-types.ts'

/** The scenes by the names that slides use. */
export const SCENES: Record<string, Scene> = {
  l4: l4Scene,
  'four-services': fourServicesScene,
  nodeport: nodeportScene,
  cloud: cloudScene,
  'cloud-off': cloudOffScene,
  'metallb-roles': metallbScene,
  arp: arpScene,
  policies: policiesScene,
  'three-answers': threeAnswersScene,
}

/** The scene of that name. Throws where there is none: a slip in a slide, to be seen at once. */
export function sceneNamed(name: string): Scene {
  const scene = SCENES[name]
  if (scene === undefined) throw new Error(`there is no scene "${name}": use one of ${Object.keys(SCENES).join(', ')}`)
  return scene
}

/** How many clicks a scene has. */
export function clicksOf(scene: Scene): number {
  return scene.kind === 'diagram' ? scene.beats.length - 1 : scene.panels.length
}
