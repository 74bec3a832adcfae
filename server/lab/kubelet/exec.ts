/** Commands that cannot be run in a container: the runtime's words, and what stands in the process's place. */
import type { ExecProcess } from '../contracts/exec.ts'
import { randomHex } from '../machinery/objects.ts'

export const NO_PROCESS: ExecProcess = { stdin() {}, closeStdin() {}, resize() {}, kill() {} }

/** `why` as runc says it. */
export function execFailure(random: () => number, why: string): string {
  return `failed to exec in container: failed to start exec "${randomHex(random, 64)}": OCI runtime exec failed: exec failed: unable to start container process: ${why}: unknown`
}
