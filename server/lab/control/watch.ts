/** What no Kubernetes object carries, as newline-delimited JSON: first the current state, then every change, until the run or the client ends. */
import type { ServerResponse } from 'node:http'
import type { LabEvent } from '../../protocol/lab-control.ts'
import type { LabContext } from '../context.ts'

/** Real time between two readings of the clock while it is forwarded or runs fast, ms. */
const CLOCK_EVERY = 100
/** A watcher that reads nothing is cut off when this much waits for it, bytes. */
const MAX_BACKLOG = 4_194_304

const watchers = new WeakMap<LabContext, Set<(event: LabEvent) => void>>()

function clockEvent({ clock, startedAt }: LabContext): LabEvent {
  return { op: 'clock', at: clock.now(), speed: clock.paused ? 0 : clock.speed, started: startedAt }
}

/** Tells all watchers of a run how its clock goes now. */
export function clockChanged(lab: LabContext): void {
  for (const send of watchers.get(lab) ?? []) send(clockEvent(lab))
}

export function watchEvents(lab: LabContext, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
  const send = (event: LabEvent): void => {
    if (response.writableLength > MAX_BACKLOG) response.destroy()
    else if (response.writable) response.write(JSON.stringify(event) + '\n')
  }
  for (const { name } of lab.preset.nodes)
    send({ op: 'power', node: name, on: lab.power.isOn(name), at: lab.power.offSince(name) ?? lab.startedAt })
  if (lab.network) send({ op: 'neighbours', neighbours: lab.network.neighbours(), client: lab.network.client })
  else send({ op: 'neighbours', neighbours: [] })
  send(clockEvent(lab))

  const ofRun = watchers.get(lab) ?? new Set()
  watchers.set(lab, ofRun)
  ofRun.add(send)
  let sent = performance.now()
  const tick = lab.clock.every(1_000, () => {
    if (performance.now() - sent < CLOCK_EVERY) return
    sent = performance.now()
    send(clockEvent(lab))
  })
  const power = lab.power.onChange((node, on) => send({ op: 'power', node, on, at: lab.clock.now() }))
  const network = lab.network?.onEvent(send)
  response.on('close', () => {
    ofRun.delete(send)
    tick.cancel()
    power.dispose()
    network?.dispose()
  })
  // a run ends where the lab is reset (or shut down): whoever asks again is told the state of the next one
  const ending = lab.onDispose(() => {
    send({ op: 'clear' })
    response.end()
  })
  response.on('close', () => ending.dispose())
}
