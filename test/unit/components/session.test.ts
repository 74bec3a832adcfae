import { describe, expect, it } from 'vitest'
import { indexCast } from '../../../components/lab/cast-index.ts'
import type { LabScreen } from '../../../components/lab/screen.ts'
import { createSession } from '../../../components/lab/session.ts'
import {
  ACKNOWLEDGE_EVERY,
  PROTOCOL_VERSION,
  type ClientMessage,
  type ServerMessage,
  type StepStatus,
} from '../../../server/protocol/messages.ts'
import type { Notice } from '../../../server/protocol/notices.ts'
import { labOf, stepOf } from '../support/sample-lab.ts'
import { FakeClock } from './fake-clock.ts'
import { node, sampleCast } from './sample-cast.ts'

const lab = labOf([stepOf(1, 'one'), stepOf(2, 'two')])

const welcome = (role: 'presenter' | 'viewer' = 'presenter'): ServerMessage => ({
  t: 'welcome',
  protocol: PROTOCOL_VERSION,
  role,
  manifest: {
    labs: [labOf([stepOf(1, 'one here'), stepOf(2, 'two here')])],
    plan: { nodes: [], pool: { first: '', last: '' } },
    slides: 1,
  },
})
const screenIs = (data: string): ServerMessage => ({ t: 'screen', lab: 'talk', cols: 80, rows: 24, data })
const cluster = (state: 'starting' | 'ready' | 'lost', notice: Notice | null = null): ServerMessage => ({
  t: 'cluster',
  lab: 'talk',
  state,
  cluster: { source: 'embedded', kubernetes: 'v1.35.4', preset: 'today', context: 'lab' },
  notice,
})
const stepsAre = (...statuses: StepStatus[]): ServerMessage => ({
  t: 'steps',
  lab: 'talk',
  steps: statuses.map((status, index) => ({ id: `talk.${index + 1}`, status, exit: null, reason: null })),
})

const settled = (): Promise<void> => new Promise((done) => setImmediate(done))

function setting(recording: { index: ReturnType<typeof indexCast> } | { error: string } = { index: indexCast(sampleCast()) }) {
  const sent: ClientMessage[] = []
  const shown = { text: '' }
  const clock = new FakeClock()
  const screen = {
    show: (data: string) => void (shown.text = data),
    write: (data: string) => void (shown.text += data),
    resize: () => {},
    forgetTyped: () => {},
  } as unknown as LabScreen
  const wishes = { atOnce: false }
  const session = createSession({
    lab,
    screen,
    clock,
    send: (message) => (sent.push(message), true),
    recording: async () => recording,
    atOnce: () => wishes.atOnce,
  })
  const live = (role: 'presenter' | 'viewer' = 'presenter'): void =>
    [welcome(role), cluster('ready'), stepsAre('pending', 'pending'), screenIs('$ ')].forEach((message) => session.receive(message))
  return { session, sent, shown, clock, live, wishes }
}

const status = (session: ReturnType<typeof setting>['session'], number: number): StepStatus | undefined =>
  session.state.steps[`talk.${number}`]?.status

describe('a live lab', () => {
  it('shows what the bridge sends, with the commands of its cluster', () => {
    const { session, shown, live } = setting()
    expect(session.state.source).toBe('connecting')
    live()
    session.receive({ t: 'output', lab: 'talk', data: 'more' })
    session.receive({ t: 'topology', lab: 'talk', changes: [{ op: 'clear' }, node('a')] })
    expect(shown.text).toBe('$ more')
    expect(session.state).toMatchObject({ source: 'live', role: 'presenter', notice: null, cluster: { source: 'embedded' } })
    expect(session.state.lab.blocks[0]?.steps[0]?.command).toBe('one here')
    expect(Object.keys(session.state.topology.nodes)).toEqual(['a'])
  })

  it('keeps what came before the screen', () => {
    const { session } = setting()
    session.receive({ t: 'topology', lab: 'talk', changes: [{ op: 'clear' }, node('a')] })
    session.receive(stepsAre('done', 'pending'))
    session.receive(screenIs('$ '))
    expect(Object.keys(session.state.topology.nodes)).toEqual(['a'])
    expect(status(session, 1)).toBe('done')
  })

  it('runs a step that is clicked, by its name, once', () => {
    const { session, sent, live } = setting()
    live()
    session.run(1)
    expect(status(session, 1)).toBe('waiting')
    session.run(1)
    session.receive(stepsAre('done', 'pending'))
    session.run(1)
    expect(sent).toEqual([{ t: 'run', lab: 'talk', step: 'talk.1' }])
  })

  it('runs a failed step again when it is clicked again, and none when the talk goes back', () => {
    const { session, sent, live } = setting()
    live()
    session.receive(stepsAre('failed', 'pending'))
    session.enter(0)
    session.enter(1)
    expect(sent).toEqual([])
    session.run(1)
    expect(sent).toEqual([{ t: 'run', lab: 'talk', step: 'talk.1' }])
  })

  it('runs what was clicked while it was still coming up', () => {
    const { session, sent, live } = setting()
    session.run(1)
    expect(sent).toEqual([])
    live()
    expect(sent).toEqual([{ t: 'run', lab: 'talk', step: 'talk.1' }])
  })

  it('runs nothing for a viewer', () => {
    const { session, sent, live } = setting()
    live('viewer')
    session.run(1)
    expect(sent).toEqual([])
    expect(status(session, 1)).toBe('pending')
  })

  it('runs no step whose earlier ones were not run: the pane offers to catch up', () => {
    const { session, sent, live } = setting()
    live()
    session.run(2)
    expect(sent).toEqual([])
    session.catchUp(2)
    expect(sent).toEqual([{ t: 'catch-up', lab: 'talk', step: 'talk.2' }])
  })

  it('runs first what was done in a lab that has ended since, at the next click', () => {
    const { session, sent, live } = setting()
    live()
    session.receive({
      t: 'steps',
      lab: 'talk',
      steps: [1, 2].map((number) => ({
        id: `talk.${number}`,
        status: 'pending',
        exit: null,
        reason: number === 1 ? { kind: 'owed' } : null,
      })),
    })
    session.run(2)
    expect(sent).toEqual([{ t: 'catch-up', lab: 'talk', step: 'talk.2' }])
    session.receive(stepsAre('running', 'pending'))
    session.receive(stepsAre('done', 'pending'))
    expect(sent.slice(1)).toEqual([{ t: 'run', lab: 'talk', step: 'talk.2' }])
  })

  it('runs first what was clicked while the recording stood in, at the next click', async () => {
    const { session, sent, live } = setting()
    live()
    session.offline(true)
    await settled()
    session.run(1)
    expect(sent).toEqual([])
    session.receive(screenIs('$ '))
    session.run(2)
    expect(sent).toEqual([{ t: 'catch-up', lab: 'talk', step: 'talk.2' }])
  })

  it('runs first what a bridge that was started anew knows nothing of, but nothing after a reset', async () => {
    const { session, sent, live } = setting()
    live()
    session.run(1)
    session.receive(stepsAre('done', 'pending'))
    session.offline(true, true)
    await settled()
    expect(session.state.notice).toContain('npm start')
    live()
    expect(session.state.notice).toBeNull()
    expect(sent.at(-1)).toEqual({ t: 'attach', lab: 'talk' })
    // the answer to that
    session.receive(stepsAre('pending', 'pending'))
    sent.length = 0
    session.run(2)
    expect(sent).toEqual([{ t: 'catch-up', lab: 'talk', step: 'talk.2' }])
    session.receive(stepsAre('pending', 'pending'))
    session.run(2)
    expect(sent).toHaveLength(1)
  })

  it('takes back what still waits for the terminal when the talk goes back', () => {
    const { session, sent, live } = setting()
    live()
    session.run(1)
    session.receive(stepsAre('waiting', 'pending'))
    session.back(0)
    expect(sent.slice(1)).toEqual([{ t: 'withdraw', lab: 'talk', step: 'talk.1' }])
  })

  it('catches up to the very end: the last step follows when all before it were run', () => {
    const { session, sent, live } = setting()
    live()
    session.catchUp(3)
    session.receive(stepsAre('running', 'pending'))
    expect(sent).toEqual([{ t: 'catch-up', lab: 'talk', step: 'talk.2' }])
    session.receive(stepsAre('done', 'pending'))
    session.receive(stepsAre('done', 'running'))
    expect(sent.slice(1)).toEqual([{ t: 'run', lab: 'talk', step: 'talk.2' }])
  })

  it('takes back what it hoped for when the bridge refuses, and the reason goes with the next request', () => {
    const { session, live } = setting()
    live()
    session.run(1)
    session.receive({ t: 'refused', lab: 'talk', notice: { kind: 'shell-closed' } })
    expect(session.state.notice).toContain('셸이 끝났습니다')
    expect(status(session, 1)).toBe('pending')
    session.run(1)
    expect(session.state.notice).toBeNull()
  })

  it('acknowledges what was written, in pieces', () => {
    const { session, sent, live } = setting()
    live()
    session.written(ACKNOWLEDGE_EVERY - 1)
    expect(sent).toEqual([])
    session.written(2)
    expect(sent).toEqual([{ t: 'ack', lab: 'talk', characters: ACKNOWLEDGE_EVERY + 1 }])
  })

  it('says what it waits for, and what was refused', () => {
    const { session, live } = setting()
    session.receive(cluster('starting', { kind: 'restarting', ended: 'SIGKILL' }))
    expect(session.state.notice).toContain('랩이 멈췄습니다(SIGKILL)')
    live()
    expect(session.state.notice).toBeNull()
    session.receive({ t: 'refused', lab: 'talk', notice: { kind: 'fault', why: 'no room' } })
    expect(session.state.notice).toBe('no room')
  })
})

describe('a recorded lab', () => {
  it('is what a page without a bridge shows, from where the talk is', async () => {
    const { session, shown } = setting()
    session.enter(1)
    session.offline(false)
    await settled()
    expect(session.state).toMatchObject({ source: 'recorded', notice: null, cluster: { kubernetes: 'v1.35.4' } })
    expect(shown.text).toBe('$ one\r\n$ ')
  })

  it('plays a step that is clicked and seeks when the talk goes back', async () => {
    const { session, shown, clock, sent } = setting()
    session.enter(0)
    session.offline(false)
    await settled()
    session.run(1)
    expect(status(session, 1)).toBe('running')
    clock.forward(1000)
    expect(status(session, 1)).toBe('done')
    expect(shown.text).toBe('$ one\r\n$ ')
    session.enter(0)
    expect([shown.text, status(session, 1)]).toEqual(['$ ', 'pending'])
    expect(sent).toEqual([])
  })

  it('shows the outcome of a step at once to those who would rather not watch things move', async () => {
    const { session, shown, wishes } = setting()
    wishes.atOnce = true
    session.offline(false)
    await settled()
    session.enter(0)
    session.run(1)
    expect(status(session, 1)).toBe('done')
    expect(shown.text).toBe('$ one\r\n$ ')
  })

  it('takes over at the same step when the bridge is lost, says so, and gives way when it is back', async () => {
    const { session, shown, live } = setting()
    live()
    session.run(1)
    session.offline(true)
    session.receive({ t: 'output', lab: 'talk', data: 'late' })
    await settled()
    expect(session.state).toMatchObject({ source: 'recorded', notice: expect.stringContaining('브리지') })
    expect(shown.text).toBe('$ one\r\n$ ')
    live()
    expect(session.state).toMatchObject({ source: 'live', notice: null })
    expect(shown.text).toBe('$ ')
  })

  it('takes over when the cluster is lost, and asks for the screen when it is back', async () => {
    const { session, sent, live } = setting()
    live()
    session.receive(cluster('lost', { kind: 'unreachable', why: 'ECONNREFUSED' }))
    await settled()
    expect(session.state).toMatchObject({ source: 'recorded', notice: '클러스터가 대답하지 않습니다(ECONNREFUSED)' })
    session.receive(cluster('ready'))
    expect(sent).toEqual([{ t: 'attach', lab: 'talk' }])
    session.receive(screenIs('again'))
    expect(session.state.source).toBe('live')
  })

  it('says in one line that there is none, or why it cannot be read', async () => {
    const { session } = setting({ error: 'there is no recording' })
    session.offline(true)
    await settled()
    expect(session.state.source).toBe('none')
    expect(session.state.notice).toMatch(/브리지.* · there is no recording/)
  })

  it('does not take over any more where the bridge was quicker than the recording', async () => {
    const { session, shown, live } = setting()
    session.offline(false)
    live()
    await settled()
    expect(session.state.source).toBe('live')
    expect(shown.text).toBe('$ ')
  })
})
