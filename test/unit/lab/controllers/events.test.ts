import { expect, it } from 'vitest'
import { createRecorder } from '../../../../server/lab/machinery/events.ts'
import { startTestCluster } from './test-cluster.ts'

const MORE_THAN_AN_HOUR = 62 * 60_000

it('an event that is gone comes back with its count where what it is about is still there, however much was said of others meanwhile', () => {
  const { lab, store, clock, dispose } = startTestCluster()
  const recorder = createRecorder(lab, 'test')
  const node = store.get('nodes', null, 'w1-k8s')!
  const counts = () => store.list('events').flatMap((event) => (event['involvedObject'].name === 'w1-k8s' ? [event['count']] : []))
  recorder.event(node, 'Normal', 'Tested', 'again')
  clock.forward(MORE_THAN_AN_HOUR)
  expect(counts()).toEqual([])
  for (let i = 0; i < 300; i++)
    recorder.event({ kind: 'Pod', namespace: 'default', name: `gone-${i}`, uid: `uid-${i}` }, 'Normal', 'Tested', 'once')
  recorder.event(node, 'Normal', 'Tested', 'again')
  expect(counts()).toEqual([2])
  dispose()
})

it('an event about another object of the same name counts from one', () => {
  const { lab, store, dispose } = startTestCluster()
  const recorder = createRecorder(lab, 'test')
  for (const uid of ['a', 'b']) recorder.event({ kind: 'Pod', namespace: 'default', name: 'p', uid }, 'Normal', 'Tested', 'said')
  expect(store.list('events').map((event) => event['count'])).toEqual([1, 1])
  dispose()
})
