/** The question before the first write to a cluster that the deck did not start. */
import { createInterface } from 'node:readline/promises'
import type { RealCluster } from '../cluster/real.ts'
import { Problem } from '../problem.ts'
import { say } from './console.ts'

/** Returns where the answer is yes; throws a Problem where it is no, or where nobody can be asked. */
export async function confirmWrites(real: RealCluster, yes: boolean): Promise<void> {
  const { identity, server, namespaces, manifests } = real
  say.warn(
    `the labs will write to a real cluster:\n  context    ${identity.context}\n  server     ${server} (${identity.kubernetes})\n` +
      `  namespaces ${namespaces.join(', ')}${manifests ? `\n  and what ${manifests} define, cluster-wide objects too` : ''}`,
  )
  if (yes) return
  if (!process.stdin.isTTY)
    throw new Problem('nobody is there to agree to that (standard input is no terminal): add --yes, or start it from a terminal')
  const ask = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await ask.question('  go on? [y/N] ')
    if (!/^(y|yes|네|예)$/i.test(answer.trim()))
      throw new Problem('nothing was written: start without --kubeconfig to use the embedded lab')
  } finally {
    ask.close()
  }
}
