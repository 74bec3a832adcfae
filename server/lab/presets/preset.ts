/** A cluster to start from, as data. presets/index.ts lists them by name. */
import type { ControllerContext } from '../machinery/context.ts'
import type { ClusterSettings } from '../resources/definition.ts'

export interface PresetNode {
  name: string
  /** InternalIP, on the lab's LAN. */
  address: string
  controlPlane: boolean
  /** The pods' network on this node: 172.16.1.0/24. */
  podCidr: string
}

export interface Preset {
  /** `today`, `2021`, `bare`. */
  name: string
  settings: ClusterSettings
  /** The MetalLB that this preset's manifests install: `v0.15.3`. */
  metallb: string | null
  nodes: PresetNode[]
  /** Who put the cluster together: kubeadm, with its administrators' group and elected leaders; null where each part was started by hand. */
  installer: 'kubeadm' | null
  /** The registry that its nodes pull from; kubelet/images has them by name. */
  registry: 'docker-hub' | 'comparison'
  /** What the machines' kubelets say of themselves when they start. */
  kubelet: {
    cgroups: 'v1' | 'v2'
    enforcesAllocatable: boolean
    /** Switched off and on, a machine has another boot id. */ reboots: boolean
  }
  /** The machines of such a cluster with so many workers, and how many it may have. */
  machines: { least: number; most: number; of(workers: number): PresetNode[] }
  /** How long a node may be silent before it is NotReady, ms. */
  nodeMonitorGracePeriod: number
  /** Puts the first objects into an empty store: namespaces, nodes, system pods' owners. */
  seed(lab: SeedContext): void
}

/** What a preset needs of the lab that it fills. */
export interface SeedContext extends ControllerContext {
  readonly preset: Preset
}
