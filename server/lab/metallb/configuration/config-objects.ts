import type { KubeObject } from '../../resources/definition.ts'

/** The objects that a configuration is made of. Whoever does not look at a kind leaves it out. */
export interface ConfigObjects {
  pools?: readonly KubeObject[]
  l2Advertisements?: readonly KubeObject[]
  bgpAdvertisements?: readonly KubeObject[]
  peers?: readonly KubeObject[]
  bfdProfiles?: readonly KubeObject[]
  communities?: readonly KubeObject[]
  secrets?: readonly KubeObject[]
  nodes?: readonly KubeObject[]
  namespaces?: readonly KubeObject[]
}
