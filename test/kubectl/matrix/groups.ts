/** The cases of the matrix: all verbs of kubectl that the lab answers. */
import { apply } from './apply.ts'
import { change } from './change.ts'
import { create } from './create.ts'
import { describeVerb } from './describe.ts'
import { discover } from './discover.ts'
import { get } from './get.ts'
import type { Verbs } from './matrix.ts'
import { nodes } from './nodes.ts'
import { pods } from './pods.ts'
import { remove } from './remove.ts'
import { rollout } from './rollout.ts'

export const groups: Record<string, Verbs> = { get, describe: describeVerb, create, apply, change, rollout, remove, nodes, pods, discover }
