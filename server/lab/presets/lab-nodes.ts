import type { PresetNode } from './preset.ts'

/** The speaker's machines: a control plane and three workers, the same then and now. */
export function labNodes(): PresetNode[] {
  return ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'].map((name, index) => ({
    name,
    address: index === 0 ? '192.168.1.10' : `192.168.1.${100 + index}`,
    controlPlane: index === 0,
    podCidr: `172.16.${index}.0/24`,
  }))
}
