/** What a container's environment says of services, as kubelet's getServiceEnvVarMap and envvars.FromServices. */
import type { KubeObject } from '../resources/definition.ts'

const MASTER_SERVICE = 'kubernetes'

function variableName(text: string): string {
  return text.toUpperCase().replaceAll('-', '_')
}

/** Those of the pod's own namespace, unless it wants none (enableServiceLinks), and the API server's always. */
export function serviceEnvironment(pod: KubeObject, services: readonly KubeObject[]): Record<string, string> {
  const { namespace } = pod.metadata
  const chosen = new Map<string, KubeObject>()
  for (const service of services) {
    const { name, namespace: own } = service.metadata
    const { clusterIP } = service.spec
    if (!clusterIP || clusterIP === 'None') continue
    if (own === 'default' && name === MASTER_SERVICE) {
      if (!chosen.has(name)) chosen.set(name, service)
    } else if (own === namespace && pod.spec.enableServiceLinks !== false) chosen.set(name, service)
  }
  const env: Record<string, string> = {}
  for (const [name, { spec }] of chosen) {
    const prefix = variableName(name)
    const address: string = spec.clusterIP
    const ports: { name?: string; port: number; protocol?: string }[] = spec.ports ?? []
    const [first] = ports
    if (!first) continue
    env[`${prefix}_SERVICE_HOST`] = address
    env[`${prefix}_SERVICE_PORT`] = String(first.port)
    for (const { name: portName, port } of ports) if (portName) env[`${prefix}_SERVICE_PORT_${variableName(portName)}`] = String(port)
    for (const [index, { port, protocol = 'TCP' }] of ports.entries()) {
      const url = `${protocol.toLowerCase()}://${address}:${port}`
      if (index === 0) env[`${prefix}_PORT`] = url
      const each = `${prefix}_PORT_${port}_${protocol}`
      env[each] = url
      env[`${each}_PROTO`] = protocol.toLowerCase()
      env[`${each}_PORT`] = String(port)
      env[`${each}_ADDR`] = address
    }
  }
  return env
}
