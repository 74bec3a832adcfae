import type { LabStatus } from '../../protocol/lab-control.ts'
import type { LabContext } from '../context.ts'
import { badRequest, fieldsOf } from './errors.ts'
import { clockStatus } from './status.ts'
import { clockChanged } from './watch.ts'

/** Longest that the clock is moved on at once, ms: enough for every time-out that Kubernetes has. */
const MAX_FORWARD = 24 * 3_600_000
export const MIN_SPEED = 0.1
export const MAX_SPEED = 1_000

/** `{"forward": ms}`, `{"speed": x}` or `{"paused": boolean}`, exactly one of them. Resolves when a forwarded clock has arrived. */
export async function changeClock(lab: LabContext, body: unknown): Promise<LabStatus['clock']> {
  const fields = fieldsOf(body, '{"forward": 300000}, {"speed": 10} or {"paused": true}')
  const names = Object.keys(fields)
  if (names.length !== 1) throw badRequest(`expected exactly one of forward, speed and paused, got ${names.join(', ') || 'none'}`)
  const { forward, speed, paused } = fields
  if (forward !== undefined) {
    if (typeof forward !== 'number' || !(forward > 0 && forward <= MAX_FORWARD))
      throw badRequest(`forward: expected ms between 1 and ${MAX_FORWARD} (24 hours), got ${JSON.stringify(forward)}`)
    await lab.clock.forward(forward)
  } else if (speed !== undefined) {
    if (typeof speed !== 'number' || !(speed >= MIN_SPEED && speed <= MAX_SPEED))
      throw badRequest(`speed: expected a number between ${MIN_SPEED} and ${MAX_SPEED}, got ${JSON.stringify(speed)}`)
    lab.clock.setSpeed(speed)
  } else if (paused !== undefined) {
    if (typeof paused !== 'boolean') throw badRequest(`paused: expected true or false, got ${JSON.stringify(paused)}`)
    lab.clock.setPaused(paused)
  } else throw badRequest(`unknown field "${names[0]}": expected forward, speed or paused`)
  clockChanged(lab)
  return clockStatus(lab)
}
