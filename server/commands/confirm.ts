/** The question before the first write to a cluster that the deck did not start. */
import { createInterface } from 'node:readline/promises'
import type { RealCluster } from '../cluster/real.ts'
import type { PoolRange } from '../config.ts'
import { Problem } from '../problem.ts'
import { say } from './console.ts'

type Written = Pick<RealCluster, 'identity' | 'server' | 'namespaces' | 'manifests'>

/** What the labs are going to write, and to which cluster; `given` is the pool that was named, `deck` the one that the deck is written with. */
export function writesWords({ identity, server, namespaces, manifests }: Written, given: PoolRange | null, deck: PoolRange): string {
  const { first, last } = given ?? deck
  return (
    `the labs will write to a real cluster:\n  context    ${identity.context}\n  server     ${server} (${identity.kubernetes})\n` +
    `  namespaces ${namespaces.join(', ')}${manifests ? `\n  and what ${manifests} define, cluster-wide objects too` : ''}\n` +
    `  addresses  ${first}-${last}, announced in its network${given ? '' : " (the deck's own: name free ones of that network by --pool)"}`
  )
}

/** Returns where the answer is yes; throws a Problem where it is no, or where nobody can be asked. */
export async function confirmWrites(words: string, yes: boolean): Promise<void> {
  say.warn(words)
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
