import { expect, it } from 'vitest'
import { withinCapacity } from '../../../../../server/lab/controllers/endpoints/capacity.ts'

const many = (count: number): object[] => Array.from({ length: count }, (_none, i) => ({ ip: String(i) }))
const sizes = (subsets: ReturnType<typeof withinCapacity>) =>
  subsets.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length])

it.each([
  { what: 'a thousand stay', given: [[600, 400]], left: [[600, 400]] },
  { what: 'those that are not ready are cut first', given: [[900, 300]], left: [[900, 100]] },
  {
    what: 'what is left is shared out by size, rounded up',
    given: [
      [1, 1_000],
      [0, 500],
    ],
    left: [
      [1, 666],
      [0, 333],
    ],
  },
  {
    what: 'too many ready ones leave none that are not',
    given: [
      [1_500, 10],
      [500, 10],
    ],
    left: [
      [750, 0],
      [250, 0],
    ],
  },
])('of the addresses of an Endpoints object $what', ({ given, left }) => {
  const subsets = given.map(([ready, notReady]) => ({
    ...(ready ? { addresses: many(ready) } : {}),
    ...(notReady ? { notReadyAddresses: many(notReady) } : {}),
  }))
  expect(sizes(withinCapacity(subsets))).toEqual(left)
})
