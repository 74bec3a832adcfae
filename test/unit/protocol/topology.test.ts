import { describe, expect, test } from 'vitest'
import {
  applyChange,
  changesOf,
  emptyTopology,
  RECENT_REQUESTS,
  type RequestTrace,
  type TopologyChange,
} from '../../../server/protocol/topology.ts'

const request = (id: number, outcome: RequestTrace['outcome'] = 'answered'): TopologyChange => ({
  op: 'request',
  request: {
    id: String(id),
    at: id,
    url: 'http://192.168.1.11/',
    address: '192.168.1.11',
    port: 80,
    hops: [],
    outcome,
    pod: outcome === 'answered' ? 'p' : null,
  },
})
const fold = (changes: TopologyChange[]) => changes.reduce(applyChange, emptyTopology())

describe('the topology', () => {
  test('counts what was answered by which pod, and what was lost', () => {
    const { answered, requests } = fold([request(1), request(2, 'lost'), request(3), request(4, 'refused')])
    expect({ answered, requests }).toEqual({ answered: { p: 2 }, requests: { total: 4, lost: 2 } })
  })

  test('remembers a bounded number of requests', () => {
    const { recent } = fold(Array.from({ length: RECENT_REQUESTS + 5 }, (_, i) => request(i)))
    expect(recent).toHaveLength(RECENT_REQUESTS)
    expect(recent.at(-1)?.id).toBe(String(RECENT_REQUESTS + 4))
  })

  test('knows since when a machine is off, until it is on again', () => {
    const off = fold([{ op: 'power', node: 'w1-k8s', on: false, at: 7 }])
    expect(off.poweredOff).toEqual({ 'w1-k8s': 7 })
    expect(applyChange(off, { op: 'power', node: 'w1-k8s', on: true, at: 9 }).poweredOff).toEqual({})
  })

  test('knows who holds an address, since when, and who held it before', () => {
    const arp = (host: string, at: number): TopologyChange => ({ op: 'gratuitous-arp', address: '192.168.1.11', host, at })
    const { holders } = fold([arp('w1-k8s', 1), arp('w1-k8s', 2), arp('w3-k8s', 7), arp('w3-k8s', 8), arp('w3-k8s', 50)])
    expect(holders).toEqual({ '192.168.1.11': { host: 'w3-k8s', since: 7, before: 'w1-k8s' } })
  })

  test('remembers what a fail-over is told by: power, belief, who took the address', () => {
    const node = (ready: 'True' | 'Unknown', readySince: number): TopologyChange => ({
      op: 'node',
      node: { name: 'w1-k8s', address: '192.168.1.101', controlPlane: false, ready, readySince, schedulable: true, speaker: 'running' },
    })
    const { history } = fold([
      node('True', 1),
      { op: 'gratuitous-arp', address: '192.168.1.11', host: 'w1-k8s', at: 2 },
      { op: 'power', node: 'w1-k8s', on: false, at: 10 },
      { op: 'power', node: 'w1-k8s', on: false, at: 11 },
      { op: 'gratuitous-arp', address: '192.168.1.11', host: 'w3-k8s', at: 17 },
      { op: 'gratuitous-arp', address: '192.168.1.11', host: 'w3-k8s', at: 18 },
      node('Unknown', 60),
      { op: 'power', node: 'w1-k8s', on: true, at: 430 },
      node('True', 431),
    ])
    expect(history).toEqual([
      { what: 'off', node: 'w1-k8s', at: 10, endpoints: {} },
      { what: 'moved', address: '192.168.1.11', from: 'w1-k8s', to: 'w3-k8s', at: 17 },
      { what: 'not-ready', node: 'w1-k8s', at: 60 },
      { what: 'on', node: 'w1-k8s', at: 430 },
      { what: 'ready', node: 'w1-k8s', at: 431 },
    ])
  })

  test('is rebuilt from its own changes, for a page that joins late', () => {
    const topology = fold([
      {
        op: 'node',
        node: {
          name: 'm-k8s',
          address: '192.168.1.10',
          controlPlane: true,
          ready: 'True',
          readySince: 1000,
          schedulable: true,
          speaker: 'none',
        },
      },
      { op: 'software', software: { kubernetes: 'v1.35.4', metallb: null } },
      { op: 'neighbours', neighbours: [{ address: '192.168.1.11', host: 'w1-k8s', mac: '02:00:00:00:00:01', state: 'reachable' }] },
      { op: 'power', node: 'w1-k8s', on: false, at: 7 },
      request(1),
      request(2, 'lost'),
      { op: 'gratuitous-arp', address: '192.168.1.11', host: 'w1-k8s', at: 2 },
      { op: 'gratuitous-arp', address: '192.168.1.11', host: 'w3-k8s', at: 9 },
      { op: 'clock', at: 5, speed: 1 },
    ])
    expect(fold(changesOf(topology))).toEqual(topology)
  })

  test('does not touch the topology that a change is applied to', () => {
    const before = Object.freeze(emptyTopology())
    applyChange(before, { op: 'power', node: 'w1-k8s', on: false, at: 7 })
    expect(before).toEqual(emptyTopology())
  })
})
