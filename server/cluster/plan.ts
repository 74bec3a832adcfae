/**
 * The deck is written with the names and addresses of the speaker's lab. On another cluster they stand for that cluster's own: the n-th node (control plane
 * first, then by name), the n-th address of its pool. Commands, checks and manifests are rewritten with this; nothing else knows an address.
 */
import type { AddressPlan, Check, DeckManifest, Lab, Step } from '../protocol/lab.ts'
import { addressAt, addressNumber, type PoolRange } from '../config.ts'

export type Rewrite = (text: string) => string

/** Pool of the plan with at most this many addresses is mapped one by one. */
const POOL_LIMIT = 256

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function poolPairs(plan: PoolRange, own: PoolRange): [string, string][] {
  const size = Math.min(POOL_LIMIT, addressNumber(plan.last)! - addressNumber(plan.first)! + 1)
  const ownSize = addressNumber(own.last)! - addressNumber(own.first)! + 1
  const pairs = Array.from({ length: size }, (_, n): [string, string] => [
    addressAt(plan.first, n),
    addressAt(own.first, Math.min(n, ownSize - 1)),
  ])
  // the end of the range is the end of the range, however long it is
  return [...pairs.slice(0, -1), [plan.last, own.last]]
}

/**
 * How texts have to be rewritten for a cluster. `nodes`: its nodes in any order. Names and addresses that the cluster has no counterpart for stay as they are.
 */
export function rewriteFor(
  plan: AddressPlan,
  nodes: { name: string; address: string; controlPlane: boolean }[],
  pool: PoolRange | null,
): Rewrite {
  const own = nodes.toSorted((a, b) => Number(b.controlPlane) - Number(a.controlPlane) || (a.name < b.name ? -1 : 1))
  const pairs = new Map<string, string>()
  for (const [index, node] of plan.nodes.entries()) {
    const counterpart = own[index]
    if (!counterpart) continue
    pairs.set(node.name, counterpart.name)
    pairs.set(node.address, counterpart.address)
  }
  if (pool) for (const [from, to] of poolPairs(plan.pool, pool)) pairs.set(from, to)
  for (const [from, to] of pairs) if (from === to) pairs.delete(from)
  if (pairs.size === 0) return (text) => text
  // whole words only: 192.168.1.1 is no part of 192.168.1.11, nor w1 of w1-k8s; a range has its dash between two addresses
  const words = [...pairs.keys()].toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(
    words
      .map((word) => (addressNumber(word) === null ? `(?<![\\w-])${escaped(word)}(?![\\w-])` : `(?<![\\d.])${escaped(word)}(?!\\.?\\d)`))
      .join('|'),
    'g',
  )
  return (text) => text.replaceAll(pattern, (word) => pairs.get(word)!)
}

function rewriteCheck(check: Check, rewrite: Rewrite): Check {
  const subject = 'subject' in check ? { subject: { ...check.subject, name: check.subject.name && rewrite(check.subject.name) } } : {}
  const value = 'value' in check ? { value: rewrite(check.value) } : {}
  return { ...check, ...subject, ...value, text: rewrite(check.text) } as Check
}

function rewriteStep(step: Step, rewrite: Rewrite): Step {
  return { ...step, command: rewrite(step.command), checks: step.checks.map((check) => rewriteCheck(check, rewrite)) }
}

function rewriteLab(lab: Lab, rewrite: Rewrite): Lab {
  return { ...lab, blocks: lab.blocks.map((block) => ({ ...block, steps: block.steps.map((step) => rewriteStep(step, rewrite)) })) }
}

/** The manifest for a cluster: labs that bring a cluster of their own stay as they are. */
export function rewriteManifest(manifest: DeckManifest, rewrite: Rewrite, pool: PoolRange | null): DeckManifest {
  return {
    ...manifest,
    labs: manifest.labs.map((lab) => (lab.preset === null ? rewriteLab(lab, rewrite) : lab)),
    plan: {
      nodes: manifest.plan.nodes.map((node) => ({ name: rewrite(node.name), address: rewrite(node.address) })),
      pool: pool ?? manifest.plan.pool,
    },
  }
}
