/**
 * Requests that are wrong in one way each, with the status codes that a server may answer them with. The codes are those of a real cluster (1.35.4), which
 * was asked the same; but for a few that it has no name for and answers with a 500, where the lab says 400: a resourceVersion that is no number (of a get or
 * a watch) or is set on a new object, lists of other things in a strategic merge patch, and an applied object that does not fit its schema.
 */
import fc from 'fast-check'
import * as bodies from './malformed/bodies.ts'
import type { Malformed } from './malformed/kit.ts'
import * as patches from './malformed/patches.ts'
import * as requests from './malformed/requests.ts'

export type { Malformed } from './malformed/kit.ts'

/** Every kind of malformation, by its share. */
export const malformed: fc.Arbitrary<Malformed> = fc.oneof(
  { weight: 2, arbitrary: requests.paths },
  { weight: 1, arbitrary: requests.missing },
  { weight: 1, arbitrary: requests.methods },
  { weight: 2, arbitrary: requests.media },
  { weight: 3, arbitrary: requests.listQueries },
  { weight: 2, arbitrary: requests.writeQueries },
  { weight: 2, arbitrary: requests.deletes },
  { weight: 4, arbitrary: bodies.syntax },
  { weight: 2, arbitrary: bodies.kinds },
  { weight: 5, arbitrary: bodies.types },
  { weight: 3, arbitrary: bodies.unknownFields },
  { weight: 3, arbitrary: bodies.values },
  { weight: 2, arbitrary: bodies.namesGiven },
  { weight: 2, arbitrary: bodies.identity },
  { weight: 2, arbitrary: patches.jsonPatches },
  { weight: 1, arbitrary: patches.applies },
  { weight: 2, arbitrary: patches.subresources },
  { weight: 2, arbitrary: patches.scales },
  { weight: 2, arbitrary: bodies.protobuf },
  { weight: 6, arbitrary: bodies.chaos },
  { weight: 3, arbitrary: requests.strange },
)
