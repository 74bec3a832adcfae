/** What the rules for a pod depend on beside the pod. */
export interface PodRules {
  /** The cluster's minor version. */
  minor: number
  /** False for the templates of other kinds. */
  isPod: boolean
}
