/**
 * A lab in this page, whatever its source: the bridge while it is there (live), the recording otherwise. What the panes and the diagrams show is
 * its `state`.
 *
 *     source       event                                   next
 *     connecting   the bridge sends the screen             live
 *     connecting   no bridge, cluster lost, or refused     recorded
 *     live         bridge or cluster lost                  recorded     (at the step where the talk is; with a notice)
 *     recorded     the bridge sends the screen             live         (the notice goes)
 *     recorded     there is no recording, or a broken one  none         (one line says which)
 *     none         the bridge sends the screen             live
 */
import { shallowReactive } from 'vue'
import type { Lab, Step } from '../../server/protocol/lab.ts'
import { stepsOf } from '../../server/protocol/lab.ts'
import {
  ACKNOWLEDGE_EVERY,
  type ClientMessage,
  type ClusterIdentity,
  type Role,
  type ServerMessage,
  type StepState,
  type StepStatus,
} from '../../server/protocol/messages.ts'
import { applyChange, emptyTopology, type Topology, type TopologyChange } from '../../server/protocol/topology.ts'
import { segmentOf, stepStatesAt, type CastIndex } from './cast-index.ts'
import { inPieces } from './in-pieces.ts'
import { noticeWords } from './notice-words.ts'
import { createPlayer, type Player, type PlayerClock } from './player.ts'
import type { LabScreen } from './screen.ts'

export type LabSource = 'connecting' | 'live' | 'recorded' | 'none'

export interface LabState {
  lab: Lab
  source: LabSource
  cluster: ClusterIdentity | null
  /** The terminal has something to show: a screen that was live stays when neither bridge nor recording is there. */
  drawn: boolean
  /** What the lab is waiting for, or why something is not as it was: one line, or null. */
  notice: string | null
  role: Role
  /** Ids of the steps that this page's clicker has asked for. One that is pending all the same is owed: the next click runs it first. */
  clicked: ReadonlySet<string>
  /** By step id. A step that is not in it is pending. */
  steps: Record<string, StepState>
  topology: Topology
  /** Raised whenever the topology jumps to another point of time: nothing of that is to be animated. */
  jumps: number
}

export interface SessionOptions {
  lab: Lab
  screen: LabScreen
  clock: PlayerClock
  send(message: ClientMessage): boolean
  /** The recording, or why there is none. */
  recording(): Promise<{ index: CastIndex } | { error: string }>
  /** Whether whoever looks would rather not watch things move: a recorded step shows its outcome at once. */
  atOnce?(): boolean
}

export interface LabSession {
  readonly state: LabState
  readonly screen: LabScreen
  /** The lab is on stage with its first `count` steps behind it: a recording jumps there, a live lab is left as it is. */
  enter(count: number): void
  /** The `number`-th step of the lab (from 1) is clicked. */
  run(number: number): void
  /** The talk goes back to where its first `count` steps are behind it: what still waits for the terminal is taken back. */
  back(count: number): void
  /** Runs all steps before the `number`-th that were not run; where there are no more steps, all of them. */
  catchUp(number: number): void
  input(data: string): void
  written(characters: number): void
  receive(message: ServerMessage): void
  /** The bridge is not there (any more). `renewed`: another one is, which does not know this page. */
  offline(lost: boolean, renewed?: boolean): void
}

export function statusOf(step: Step, steps: LabState['steps']): StepStatus {
  return steps[step.id]?.status ?? 'pending'
}

/** Whether a step that is pending was asked for all the same: the next click runs it first. */
export function isOwed(step: Step, { clicked, steps }: Pick<LabState, 'clicked' | 'steps'>): boolean {
  return clicked.has(step.id) || steps[step.id]?.reason?.kind === 'owed'
}

function byId(steps: readonly StepState[]): Record<string, StepState> {
  return Object.fromEntries(steps.map((one) => [one.id, one]))
}

export function createSession(options: SessionOptions): LabSession {
  const { screen, send } = options
  const state: LabState = shallowReactive({
    lab: options.lab,
    source: 'connecting',
    cluster: null,
    drawn: false,
    notice: null,
    role: 'viewer',
    clicked: new Set(),
    steps: {},
    topology: emptyTopology(),
    jumps: 0,
  })
  const id = options.lab.id
  let position = 0
  let player: Player | null = null
  let index: CastIndex | null = null
  let unacknowledged = 0
  /** What the bridge said last, kept while a recording is shown, so that going back is at once. */
  let live: { steps: Record<string, StepState>; topology: Topology } = { steps: {}, topology: emptyTopology() }

  /** Steps that were clicked while the lab was still coming up. */
  let early: number[] = []
  /** The step that has to be run once all before it are. */
  let runAfter: number | null = null
  /** So many words about the steps are answers to an `attach`, and no news: the bridge may be another than before. */
  let answers = 1
  /** The notice is about something that was refused: it goes with the next thing that is asked for. */
  let refused = false

  const step = (number: number): Step | undefined => stepsOf(state.lab)[number - 1]
  const stepsBefore = (number: number): Step[] => stepsOf(state.lab).slice(0, number - 1)
  const pendingBefore = (number: number): Step[] => stepsBefore(number).filter((one) => statusOf(one, state.steps) === 'pending')

  function forgetRefusal(): void {
    if (refused) state.notice = null
    refused = false
  }

  function runRest(): void {
    if (runAfter === null) return
    const last = step(runAfter)
    if (!last || stepsBefore(runAfter).some((one) => !['done', 'failed'].includes(statusOf(one, state.steps)))) return
    runAfter = null
    if (statusOf(last, state.steps) !== 'done') send({ t: 'run', lab: id, step: last.id })
  }

  /** Runs what is pending before a step, then, where `itself`, that step. */
  function runUpTo(number: number, itself: boolean): void {
    const until = step(number)
    if (until && pendingBefore(number).length > 0) send({ t: 'catch-up', lab: id, step: until.id })
    runAfter = itself ? number : null
    runRest()
  }

  function playerOf(recording: CastIndex): Player {
    const sink = {
      show(output: string, topology: Topology) {
        screen.show(output)
        state.topology = topology
        state.jumps++
      },
      output: (data: string) => screen.write(data),
      topology: (changes: TopologyChange[]) => void (state.topology = changes.reduce(applyChange, state.topology)),
      position: (segment: number, playing: boolean) => void (state.steps = byId(stepStatesAt(recording, segment, playing))),
    }
    return createPlayer(recording, sink, options.clock)
  }

  async function goRecorded(notice: string | null): Promise<void> {
    state.notice = notice
    if (state.source === 'recorded') return
    state.source = 'recorded'
    early = []
    const loaded = await options.recording()
    if (state.source !== 'recorded') return
    if ('error' in loaded) {
      state.source = 'none'
      state.notice = notice === null ? loaded.error : `${notice} · ${loaded.error}`
      return
    }
    index = loaded.index
    const { cluster } = index.cast.header.lab
    state.cluster = { ...cluster, context: '' }
    screen.resize(index.cast.header.term.cols, index.cast.header.term.rows)
    player = playerOf(index)
    state.drawn = true
    player.park(segmentAt(position))
  }

  const segmentAt = (count: number): number => (index && count > 0 ? segmentOf(index, step(count)?.id ?? null) : 0)

  function run(number: number): void {
    position = number
    const clicked = step(number)
    if (!clicked) return
    screen.forgetTyped()
    forgetRefusal()
    if (state.source === 'connecting') early.push(number)
    if (state.source === 'recorded') {
      player?.play(segmentAt(number))
      if (options.atOnce?.()) player?.park(segmentAt(number))
    }
    const status = statusOf(clicked, state.steps)
    if (state.role !== 'presenter') return
    const before = pendingBefore(number)
    // what was skipped is not the clicker's to run: the pane offers to catch up
    if (before.some((one) => !isOwed(one, state))) return
    state.clicked = new Set([...state.clicked, clicked.id])
    if (state.source !== 'live' || !['pending', 'failed'].includes(status)) return
    if (before.length > 0) return runUpTo(number, true)
    // shown at once; the bridge's word replaces it
    state.steps = { ...state.steps, [clicked.id]: { id: clicked.id, status: 'waiting', exit: null, reason: null } }
    send({ t: 'run', lab: id, step: clicked.id })
  }

  function goLive(message: Extract<ServerMessage, { t: 'screen' }>): void {
    player?.stop()
    player = null
    unacknowledged = 0
    if (state.source !== 'live') state.notice = null
    Object.assign(state, { source: 'live', drawn: true, ...live, jumps: state.jumps + 1 })
    screen.resize(message.cols, message.rows)
    screen.show(message.data)
    for (const number of early.splice(0)) run(number)
  }

  return {
    state,
    screen,
    enter(count) {
      position = count
      early = []
      forgetRefusal()
      if (state.source === 'recorded') player?.park(segmentAt(count))
    },
    run,
    back(count) {
      this.enter(count)
      runAfter = null
      const left = stepsOf(state.lab).slice(count)
      state.clicked = new Set([...state.clicked].filter((one) => !left.some((other) => other.id === one)))
      const waiting = left.find((one) => statusOf(one, state.steps) === 'waiting')
      if (waiting && state.source === 'live' && state.role === 'presenter') send({ t: 'withdraw', lab: id, step: waiting.id })
    },
    catchUp(number) {
      if (state.source !== 'live') return
      forgetRefusal()
      const last = stepsOf(state.lab).length
      runUpTo(Math.min(number, last), number > last)
    },
    input(data) {
      if (state.source === 'live') for (const piece of inPieces(data)) send({ t: 'input', lab: id, data: piece })
    },
    written(characters) {
      if (state.source !== 'live') return
      unacknowledged += characters
      if (unacknowledged < ACKNOWLEDGE_EVERY) return
      if (send({ t: 'ack', lab: id, characters: unacknowledged })) unacknowledged = 0
    },
    receive(message) {
      switch (message.t) {
        case 'welcome': {
          state.role = message.role
          answers = 1
          state.lab = message.manifest.labs.find((lab) => lab.id === id) ?? state.lab
          break
        }
        case 'cluster':
          if (message.cluster) state.cluster = message.cluster
          if (message.state === 'lost') void goRecorded(message.notice ? noticeWords(message.notice) : '클러스터와 연결이 끊겼습니다')
          else {
            const starting = message.state === 'starting' ? '클러스터를 준비하고 있습니다' : null
            state.notice = message.notice ? noticeWords(message.notice) : starting
            if ((state.source === 'recorded' || state.source === 'none') && send({ t: 'attach', lab: id })) answers++
          }
          break
        case 'screen':
          goLive(message)
          break
        case 'output':
          if (state.source === 'live') screen.write(message.data)
          break
        case 'steps':
          live.steps = byId(message.steps)
          // a reset, whoever asked for it: nothing is owed any more; a bridge that was started anew knows of nothing that was run
          if (answers === 0 && message.steps.every(({ status, reason }) => status === 'pending' && reason === null)) {
            state.clicked = new Set()
            runAfter = null
            forgetRefusal()
          }
          answers = Math.max(0, answers - 1)
          if (state.source === 'live') state.steps = live.steps
          runRest()
          break
        case 'topology':
          live.topology = message.changes.reduce(applyChange, live.topology)
          if (state.source !== 'live') break
          state.topology = live.topology
          if (message.changes.some((one) => one.op === 'clear')) state.jumps++
          break
        case 'refused':
          refused = true
          runAfter = null
          state.notice = noticeWords(message.notice)
          // what was shown before the bridge's word was only hoped for
          if (state.source === 'live') state.steps = live.steps
      }
    },
    offline(lost, renewed = false) {
      const wereRun = Object.values(live.steps).filter((one) => one.status !== 'pending')
      if (lost && state.role === 'presenter') state.clicked = new Set([...state.clicked, ...wereRun.map((one) => one.id)])
      const why = renewed
        ? '브리지가 새로 시작되었습니다 · npm start가 알려 준 주소를 이 브라우저에서 한 번 열면 여기서도 이어집니다'
        : '브리지와 연결이 끊겨 녹화를 보여 줍니다. 다시 연결하고 있습니다'
      void goRecorded(lost ? why : null)
    },
  }
}
