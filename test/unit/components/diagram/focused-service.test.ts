import { describe, expect, test } from 'vitest'
import { addressOf, focusedService } from '../../../../components/diagram/focused-service.ts'
import { balancer, bareCluster, HELD } from '../../../../components/scenes/echo-cluster.ts'
import { ADDRESS, controller, fold, metallb, service } from '../../../../components/scenes/scene-parts.ts'
import { SAMPLES } from './sample-topologies.ts'

describe('the Service that a diagram is about', () => {
  const topology = fold([
    service('kubernetes', 'ClusterIP', { createdAt: 9 }),
    service('old', 'NodePort', { createdAt: 1 }),
    service('new', 'NodePort', { createdAt: 2 }),
    service('kube-dns', 'ClusterIP', { namespace: 'kube-system', createdAt: 3 }),
  ])

  test.each([
    [undefined, 'new'],
    ['old', 'old'],
    ['kube-dns', 'kube-dns'],
    ['nobody', undefined],
  ])('named %s is %s', (name, found) => {
    expect(focusedService(topology, name)?.name).toBe(found)
  })
})

describe('the address of a Service', () => {
  const state = (name: string) => addressOf(SAMPLES[name]!, focusedService(SAMPLES[name]!))

  test('is none where the type has no address outside', () => {
    expect(state('NodePort')).toEqual({ state: 'none' })
    expect(state('nothing yet')).toEqual({ state: 'none' })
  })

  test.each([
    ['nothing that gives out addresses is installed', [], '이 클러스터에는 주소를 줄 이가 없다'],
    ['the controller is not ready', [metallb(), controller('w1-k8s', '172.16.1.2', false)], 'MetalLB controller가 준비되는 중'],
    ['there is no address left, or no pool', [metallb(), controller('w1-k8s', '172.16.1.2')], 'MetalLB는 있지만 내어 줄 주소가 없다'],
  ])('is pending where %s', (_, changes, reason) => {
    const topology = fold([...bareCluster(), ...changes, balancer()])
    expect(addressOf(topology, focusedService(topology))).toEqual({ state: 'pending', reason })
  })

  test('is answered for by nobody where it is assigned and not announced', () => {
    expect(state('an address that nobody answers for')).toEqual({ state: 'unanswered', address: ADDRESS, reason: '아무도 대답하지 않음' })
  })

  test('is not said to be dead where somebody other than MetalLB gave it', () => {
    const topology = fold([...bareCluster(), balancer({ externalAddresses: [ADDRESS] })])
    expect(addressOf(topology, focusedService(topology))).toMatchObject({ state: 'unanswered', reason: '클러스터 밖의 장비가 대답' })
  })

  test('is where the LAN was told, even before the cluster says so', () => {
    expect(state('an address that somebody holds')).toMatchObject({ state: 'held', host: 'w1-k8s', alive: true, before: null })
    expect(state('the holder is off')).toMatchObject({ state: 'held', host: 'w1-k8s', alive: false })
    expect(state('the address has moved')).toMatchObject({ state: 'held', host: 'w3-k8s', alive: true, before: 'w1-k8s' })
  })

  test('has left no empty place once the host that held it is well again', () => {
    const back = fold([{ op: 'power', node: 'w1-k8s', on: true, at: 1 }], SAMPLES['the address has moved'])
    expect(addressOf(back, focusedService(back))).toMatchObject({ state: 'held', host: 'w3-k8s', before: null })
  })

  test('goes back to nobody when the Service is announced no more', () => {
    const topology = fold([balancer({ ...HELD, announcedBy: null })], SAMPLES['the address has moved'])
    expect(addressOf(topology, focusedService(topology)).state).toBe('unanswered')
  })
})
