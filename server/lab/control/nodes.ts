import type { LabContext } from '../context.ts'
import { ControlError } from './errors.ts'

/** Switches a machine off or on. Throws 404 for a name that is none, 409 for the control plane, which the lab itself needs. */
export function setNodePower(lab: LabContext, name: string, on: boolean): { node: string; on: boolean; changed: boolean } {
  const { nodes } = lab.preset
  const node = nodes.find((each) => each.name === name)
  if (!node) throw new ControlError(404, `node "${name}" not found: the lab has ${nodes.map((each) => each.name).join(', ')}`)
  if (node.controlPlane && !on)
    throw new ControlError(
      409,
      `node "${name}" runs the control plane, and kubectl with it: switch off one of ${nodes.flatMap((each) => (each.controlPlane ? [] : each.name)).join(', ')}`,
    )
  return { node: name, on, changed: lab.power.set(name, on) }
}
