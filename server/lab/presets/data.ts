/** What a preset's data say of a cluster; pods.ts and nodes.ts make objects of it. */
export interface NodeData {
  osImage: string
  kernel: string
  runtime: string
  cpu: string
  memory: string
  /** null where the kubelet does not count it. */
  ephemeralStorage: string | null
  /** What the machine calls itself; each node its own where absent. */
  id?: string
  boot?: string
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = Record<string, any>

/** A system workload that runs already. */
export interface WorkloadData {
  name: string
  kind: 'Deployment' | 'DaemonSet'
  labels: Record<string, string>
  /** What the selector and the pods carry. */
  podLabels: Record<string, string>
  replicas?: number
  strategy?: Fields
  /** Pod spec without nodeName. */
  spec: Fields
}

/** A control plane pod that the kubelet runs from a file. */
export interface StaticPodData {
  component: string
  image: string
  command: string[]
  cpu?: string
  memory?: string
  port: number
  annotation?: [string, string]
}

export interface ClusterData {
  /** ms since the installation when the lab starts. */
  age: number
  machine: NodeData
  /** What connects the nodes' pods; null: plain bridges and routes, of which no object tells. */
  network: 'calico' | null
  /** When the first node registers, ms after the installation. */
  nodesAfter: number
  /** A worker registers this long after the one before it, ms. */
  joinInterval: number
  controlPlaneLabels: Record<string, string>
  controlPlaneTaint: string
  nodeAnnotations: Record<string, string>
  workloads: WorkloadData[]
  staticPods: StaticPodData[]
  /** Images that every node has, beside those of its pods. */
  images: string[]
}
