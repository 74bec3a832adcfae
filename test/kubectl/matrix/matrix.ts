/** The verbs of kubectl, each version of it against the lab of its time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { KubectlVersion } from '../../../server/kubectl-builds.ts'
import { startMatrixLab, type MatrixLab, type Shell } from './shell.ts'

/** Registers a case. `since` is the minor version of kubectl that brought the command; older ones do not have it to test. */
export type Verb = (name: string, body: (shell: Shell) => Promise<unknown>, options?: { since?: number }) => void

/** Registers all cases of some verbs. */
export type Verbs = (verb: Verb) => void

export function kubectlMatrix(version: KubectlVersion, preset: string, groups: Record<string, Verbs>): void {
  const minor = Number(version.split('.')[1])
  describe(`kubectl ${version} on the preset ${preset}`, () => {
    let lab: MatrixLab
    beforeAll(async () => {
      lab = await startMatrixLab(version, preset)
    })
    afterAll(async () => {
      await lab?.stop()
      expect(lab?.faults).toEqual([])
    })
    for (const [group, verbs] of Object.entries(groups)) {
      describe.concurrent(group, () => {
        verbs((name, body, { since = 0 } = {}) => {
          if (minor < since) return
          test(name, async () => {
            const shell = await lab.shell()
            try {
              await body(shell)
            } finally {
              await shell.close()
            }
          })
        })
      })
    }
  })
}
