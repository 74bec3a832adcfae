/** What a kubelet works with: the lab's context, less what only the API server and the process need. */
import type { AdmissionRegistry } from '../api/admission.ts'
import type { LabNetwork } from '../context.ts'
import type { ControllerContext } from '../controllers/context.ts'
import type { NodePower } from '../power.ts'
import type { Preset } from '../presets/preset.ts'

export interface KubeletContext extends ControllerContext {
  readonly preset: Preset
  readonly power: NodePower
  readonly admission: AdmissionRegistry
  network?: LabNetwork
}
