/**
 * What the parser of the deck (server/deck) finds in slides.md, and what everything else works from: the bridge's manifest, the
 * recorder, the exporter, the panes and the tests.
 *
 * A *lab* is one shell and one cluster. Its *blocks* are the fenced blocks of the deck that continue it, in the order of the deck. A
 * *step* is one command of a block, run by one click.
 */

/** A comparison that a check makes. `matches` takes a regular expression. */
export type CheckOperator = '=' | '!=' | '>=' | '<=' | 'matches'

/** Which objects of the cluster a check looks at. */
export interface CheckSubject {
  /** A resource as kubectl takes it, in lower case: `service`, `pod`, `ipaddresspool`. */
  resource: string
  /** The object's name, or null for all that the selector picks. */
  name: string | null
  namespace: string
  /** A label selector, or null for all. Only where name is null. */
  selector: string | null
}

/**
 * A predicate that must come true after a step. Written below the step's command as a line that starts with `? `:
 *
 *     ? service/lb-hname-svc exists                                    (or: absent)
 *     ? service/lb-hname-svc .status.loadBalancer.ingress[0].ip = 192.168.1.11
 *     ? service/lb-hname-svc .status.loadBalancer.ingress absent
 *     ? pod -l app=lb-hname-pods count = 6
 *     ? pod -n metallb-system -l app=metallb every .status.phase = Running
 *     ? exit = 1
 */
export type Check =
  | { kind: 'existence'; subject: CheckSubject; exists: boolean; text: string }
  | { kind: 'value'; subject: CheckSubject; path: string; operator: CheckOperator; value: string; text: string }
  | { kind: 'presence'; subject: CheckSubject; path: string; exists: boolean; text: string }
  | { kind: 'count'; subject: CheckSubject; operator: CheckOperator; value: string; text: string }
  | { kind: 'every'; subject: CheckSubject; path: string; operator: CheckOperator; value: string; text: string }
  | { kind: 'exit'; operator: CheckOperator; value: string; text: string }

export interface Step {
  /** `LAB.N`, N counting from 1 through all blocks of the lab: `talk.7`. */
  id: string
  /** The command line as the audience reads it, without the `# ` before it. Continued lines keep their line breaks. */
  command: string
  /** True where the command goes on until the next click interrupts it (a `^C` line stands below it). */
  keepsRunning: boolean
  checks: Check[]
  /** The file that the step stands in, relative to the deck's folder, and its line, from 1. */
  file: string
  line: number
}

export interface LabBlock {
  /** `LAB/N`, N counting from 1 in the order of the deck: `talk/3`. */
  id: string
  lab: string
  /** The slide's number, from 1. */
  slide: number
  file: string
  line: number
  steps: Step[]
}

export interface Lab {
  id: string
  /** The cluster that the lab needs (`today`, `2021`), or null for the one that the deck runs on. */
  preset: string | null
  /** The terminal's size in cells, the same for every viewer. */
  cols: number
  rows: number
  blocks: LabBlock[]
}

/** The addresses that slides.md is written with; on another cluster they stand for that cluster's own. */
export interface AddressPlan {
  /** Node name to address, the control plane first. */
  nodes: { name: string; address: string }[]
  /** First and last address of the pool that load balancers get theirs from. */
  pool: { first: string; last: string }
}

export interface DeckManifest {
  labs: Lab[]
  plan: AddressPlan
  /** How many slides the deck has. */
  slides: number
}

/** Every step of a lab, in order. */
export function stepsOf(lab: Lab): Step[] {
  return lab.blocks.flatMap((block) => block.steps)
}
