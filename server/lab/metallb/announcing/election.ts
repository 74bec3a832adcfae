/** Which node announces an address: the same answer on every speaker, without a word between them (layer2_controller.go). */
import { createHash } from 'node:crypto'

/** Orders candidates; the first one wins. `subject` is the address from 0.12 on, `namespace/name` of the service before. */
export function electionOrder(nodes: readonly string[], subject: string): string[] {
  const ranked = nodes.map((node) => ({ node, hash: createHash('sha256').update(`${node}#${subject}`).digest('hex') }))
  return ranked.toSorted((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0)).map(({ node }) => node)
}
