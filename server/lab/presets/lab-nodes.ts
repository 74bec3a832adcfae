import type { PresetNode } from './preset.ts'

/** How many workers the speaker had. */
const LAB_WORKERS = 3
/** As many as the LAN has addresses for from .101 on. */
const MOST_WORKERS = 254 - 100

/** The speaker's machines: a control plane and workers, the same then and now. */
export function labNodes(workers: number = LAB_WORKERS): PresetNode[] {
  return Array.from({ length: workers + 1 }, (_none, index) => ({
    name: index === 0 ? 'm-k8s' : `w${index}-k8s`,
    address: index === 0 ? '192.168.1.10' : `192.168.1.${100 + index}`,
    controlPlane: index === 0,
    podCidr: `172.16.${index}.0/24`,
  }))
}

export const labMachines = { least: 1, most: MOST_WORKERS, of: labNodes }
