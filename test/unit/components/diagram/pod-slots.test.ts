import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assignSlots, NO_SLOTS } from '../../../../components/diagram/pod-slots.ts'
import { podHistories } from './sample-topologies.ts'

describe('the places of pods', () => {
  test('stay the same for a pod that stays, whatever comes and goes', () => {
    fc.assert(
      fc.property(podHistories, (history) => {
        let slots = NO_SLOTS
        for (const pods of history) {
          const before = slots
          slots = assignSlots(before, pods)
          for (const { uid, node } of pods) {
            const kept = before.byPod[uid]
            if (kept && kept.node === node) expect(slots.byPod[uid]).toEqual(kept)
          }
        }
      }),
    )
  })

  test('are one pod each, and a new pod takes the lowest that is free', () => {
    fc.assert(
      fc.property(podHistories, (history) => {
        let slots = NO_SLOTS
        for (const pods of history) {
          const before = slots
          slots = assignSlots(before, pods)
          const places = Object.values(slots.byPod).map(({ node, slot }) => `${node} ${slot}`)
          expect(new Set(places).size).toBe(pods.length)
          for (const { uid } of pods.filter((pod) => before.byPod[pod.uid] === undefined)) {
            const { node, slot } = slots.byPod[uid]!
            for (let lower = 0; lower < slot; lower++) expect(places).toContain(`${node} ${lower}`)
          }
        }
      }),
    )
  })

  test('need no more density when a node empties: what was dense stays dense', () => {
    fc.assert(
      fc.property(podHistories, (history) => {
        let slots = NO_SLOTS
        for (const pods of history) {
          const before = slots
          slots = assignSlots(before, pods)
          if (pods.length > 0) expect(slots.peak).toBeGreaterThanOrEqual(before.peak)
        }
      }),
    )
  })

  test('depend on nothing but what goes in', () => {
    fc.assert(
      fc.property(podHistories, (history) => {
        const run = () => history.reduce(assignSlots, NO_SLOTS)
        expect(run()).toEqual(run())
      }),
    )
  })
})
