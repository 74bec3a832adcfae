/* oxlint-disable typescript/no-explicit-any */

/** Which of the allotted values a service's type asks for (registry/core/service/strategy.go). */
export const isHeadless = (spec: any): boolean => spec.clusterIP === 'None'
export const needsClusterIp = (spec: any): boolean => ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type)
export const needsNodePort = (spec: any): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
/** May have node ports, if only because it had them. */
export const mayHaveNodePort = (spec: any): boolean => spec.type === 'NodePort' || spec.type === 'LoadBalancer'
export const needsHealthCheckPort = (spec: any): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'
/** Reachable from outside by the cluster's own means. */
export const isExternal = (spec: any): boolean =>
  spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
