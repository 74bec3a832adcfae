/**
 * One request of a program: a TCP connection with Linux's patience, over the router.
 *
 *     SYN at 0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67 s while nothing comes back; ETIMEDOUT at 131 s (tcp_syn_linear_timeouts 4, tcp_syn_retries 6)
 *     ARP without an answer: EHOSTUNREACH after 3 s; on a router in between, the sender hears of it by ICMP
 */
import type { Hop, RequestTrace } from '../../protocol/topology.ts'
import type { Clock, Timer } from '../clock.ts'
import type { NetworkOutcome, NetworkRequest, RequestSource } from '../contracts/network.ts'
import type { Arrival, Picks, Redeliver, Router } from './router.ts'

const RETRANSMIT_AT = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 7_000, 11_000, 19_000, 35_000, 67_000]
const GIVE_UP_AT = 131_000
/** The way there and back on a LAN, ms. */
const ROUND_TRIP = 1

export interface ConnectionOptions {
  clock: Clock
  router: Router
  /** Waits for an ARP answer on a host: called with whether there is one. */
  awaitNeighbour(on: string, address: string, resolved: (found: boolean) => void): { cancel(): void }
  /** Something came back from this address. */
  confirmed(address: string, via: string): void
  /** A request of the client outside has ended, as far as a diagram is concerned. */
  trace(end: Pick<RequestTrace, 'at' | 'hops' | 'outcome' | 'pod'>, path?: string): void
}

export function openConnection(
  options: ConnectionOptions,
  source: RequestSource,
  address: string,
  request: NetworkRequest,
  done: (outcome: NetworkOutcome) => void,
): { cancel(): void } {
  const { clock, router } = options
  const started = clock.now()
  const picks: Picks = new Map()
  let timer: Timer | null = null
  let waiting: { cancel(): void } | null = null
  let finished = false
  /** The hops of a packet that was lost and of which nobody was told yet. */
  let untold: Hop[] | null = null

  let toldLost = false

  /** A request that is lost is told of once, a second after its start; should it get through after all, that is told of too. */
  const tell = (hops: Hop[], outcome: RequestTrace['outcome'], pod: string | null): void => {
    untold = null
    if (outcome === 'lost' && toldLost) return
    toldLost ||= outcome === 'lost'
    if (source.from === 'client') options.trace({ at: started, hops, outcome, pod })
  }
  const stop = (): void => {
    finished = true
    timer?.cancel()
    waiting?.cancel()
  }
  const finish = (hops: Hop[], outcome: NetworkOutcome): void => {
    stop()
    const kind = outcome.outcome
    tell(hops, kind === 'answered' || kind === 'refused' || kind === 'reset' ? kind : 'lost', kind === 'answered' ? outcome.pod : null)
    clock.after(ROUND_TRIP, () => done(outcome))
  }

  /** An answer came from whom the first frame went to. */
  const heardFrom = (hops: readonly Hop[]): void => {
    const first = hops.find((hop) => hop.hop === 'frame')
    if (first) options.confirmed(address, first.to)
  }

  const attempt = (number: number): void => {
    if (untold) tell(untold, 'lost', null)
    const hops: Hop[] = []
    settle(number, hops, router.send(source, address, request.port, request, picks, hops))
  }
  const settle = (number: number, hops: Hop[], arrival: Arrival): void => {
    switch (arrival.end) {
      case 'answered': {
        heardFrom(hops)
        const { response, pod, again } = arrival
        if (!request.connectOnly) return finish(hops, { outcome: 'answered', response, pod })
        stop()
        clock.after(ROUND_TRIP, () =>
          done({ outcome: 'answered', response, pod, exchange: (wanted) => exchange(hops, pod, again, wanted) }),
        )
        return
      }
      case 'refused':
      case 'reset':
        heardFrom(hops)
        return finish(hops, { outcome: arrival.end })
      case 'no-network':
        return finish(hops, { outcome: 'unreachable', why: 'no-network' })
      case 'waiting':
        untold = hops
        waiting = options.awaitNeighbour(arrival.on, arrival.address, (found) => {
          waiting = null
          if (found) attempt(number)
          else finish(hops, { outcome: 'unreachable', why: 'no-route' })
        })
        return
      case 'dropped': {
        untold = hops
        const next = RETRANSMIT_AT[number + 1]
        if (next === undefined) {
          timer = clock.after(started + GIVE_UP_AT - clock.now(), () => finish(hops, { outcome: 'timed-out' }))
          return
        }
        timer = clock.after(Math.max(0, started + next - clock.now()), () => attempt(number + 1))
      }
    }
  }
  /** A request over the open connection; it is told of as one that starts now. */
  const exchange = (hops: Hop[], pod: string | null, again: Redeliver, wanted: Partial<NetworkRequest>): ReturnType<Redeliver> => {
    const answer = again({ ...request, ...wanted, connectOnly: false })
    const outcome = answer === 'reset' || answer === 'lost' ? answer : 'answered'
    if (source.from === 'client') options.trace({ at: clock.now(), hops, outcome, pod: outcome === 'answered' ? pod : null }, wanted.path)
    return answer
  }
  attempt(0)

  return {
    cancel() {
      if (finished) return
      stop()
      if (untold) tell(untold, 'lost', null)
    },
  }
}
