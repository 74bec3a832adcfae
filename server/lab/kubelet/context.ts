/** What a kubelet works with: the lab's context, less what only the API server and the process need. */
import type { LabContext } from '../context.ts'
import type { ControllerContext } from '../machinery/context.ts'

export interface KubeletContext extends ControllerContext, Pick<LabContext, 'preset' | 'power' | 'admission'> {
  network?: LabContext['network']
}
