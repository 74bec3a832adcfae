/**
 * One lab of the deck: its cluster, its shell, its steps, and the pages and the recorder that look at it. Everything of it is started when somebody asks
 * first (a page that attaches, a recording), once.
 */
import { randomBytes } from 'node:crypto'
import type { Cluster } from '../cluster/cluster.ts'
import { messageOf } from '../problem.ts'
import { stepsOf, type Lab, type Step } from '../protocol/lab.ts'
import type { ClusterIdentity, ServerMessage, StepState } from '../protocol/messages.ts'
import type { Notice } from '../protocol/notices.ts'
import { applyChange, changesOf, emptyTopology, type Topology, type TopologyChange } from '../protocol/topology.ts'
import type { OutputAttachment } from '../terminal/fan-out.ts'
import { prepareShell, type PreparedShell, type ShellSetup } from '../terminal/shell.ts'
import { ShellTerminal } from '../terminal/shell-terminal.ts'
import type { TopologySource } from '../topology/source.ts'
import { compareExit } from '../topology/verdict.ts'
import { stepShell } from './step-shell.ts'
import { pending, Steps, type RunAnswer } from './steps.ts'

/** Follows a lab from inside this process: the recorder. Times are those of the calls. */
export interface LabObserver {
  /** Output of the shell, without marks. */
  output?(data: string): void
  topology?(changes: readonly TopologyChange[]): void
  stepBegan?(step: Step): void
  /** The command has ended; its checks may still be looked at. `exit` null: it was interrupted. */
  stepEnded?(step: Step, exit: number | null): void
  steps?(states: readonly StepState[]): void
}

/** A page's hold on a lab. */
export interface LabAttachment {
  acknowledge(characters: number): void
  detach(): void
}

/** What a session needs to start; made by server/labs.ts. */
export interface LabParts {
  lab: Lab
  /** Brings the cluster up, or hands out the one that is there. */
  cluster(): Promise<Cluster>
  /** Connects to the cluster's API. */
  topology(cluster: Cluster): Promise<TopologySource>
  /** The shell's set-up on that cluster, without what the session adds itself. */
  shell(cluster: Cluster): Promise<Omit<ShellSetup, 'nonce'>>
  checkTimeout: number
  checkEvery?: number
  stallAfter?: number
}

type Send = (message: ServerMessage) => void

interface Running {
  cluster: Cluster
  topology: TopologySource
  prepared: PreparedShell
  terminal: ShellTerminal
}

interface Viewer {
  send: Send
  output: OutputAttachment | null
}

const CHECK_EVERY = 200
/** A lab that ends by itself is started anew, unless the one before lived shorter than this: then nothing would come of it. ms */
const LIVED_LONG = 10_000

export class LabSession {
  lab: Lab
  private readonly parts: LabParts
  private readonly viewers = new Set<Viewer>()
  private readonly observers = new Set<LabObserver>()
  private starting: Promise<Running> | null = null
  private running: Running | null = null
  private steps: Steps | null = null
  private topology: Topology = emptyTopology()
  private clusterState: Extract<ServerMessage, { t: 'cluster' }>
  private disposed = false
  private resetting: Promise<void> | null = null
  /** When the lab was last started in place of one that had ended. */
  private restarted = -Infinity

  constructor(parts: LabParts) {
    this.parts = parts
    this.lab = parts.lab
    this.clusterState = { t: 'cluster', lab: this.lab.id, state: 'starting', cluster: null, notice: null }
  }

  /** Starts cluster and shell unless they run. Rejects with what stood in the way; the next call tries again. */
  start(): Promise<Running> {
    this.starting ??= this.bringUp().catch((error: unknown) => {
      this.starting = null
      this.setCluster('lost', null, { kind: 'fault', why: messageOf(error) })
      throw error
    })
    return this.starting
  }

  /** Somebody has asked for it, whether it came up or not. */
  get isStarted(): boolean {
    return this.starting !== null || this.clusterState.state === 'lost'
  }

  /** The cluster's identity, null before it is up. */
  get identity(): ClusterIdentity | null {
    return this.clusterState.cluster
  }

  /** Path of the cluster's kubeconfig, of which the session's shell has a copy; null before it is up. */
  get kubeconfig(): string | null {
    return this.running?.cluster.kubeconfig ?? null
  }

  /** The cluster as it stands now. */
  get currentTopology(): Topology {
    return this.topology
  }

  /** The shell's screen as it stands, as rows of text. Empty before the shell runs. */
  screenText(): string[] {
    return this.running?.terminal.text() ?? []
  }

  states(): StepState[] {
    return this.steps?.list() ?? stepsOf(this.lab).map((step) => pending(step.id))
  }

  /** A page looks at the lab: it gets everything as it stands, then everything as it happens. Starts the lab. */
  attach(send: Send): LabAttachment {
    const viewer: Viewer = { send, output: null }
    this.viewers.add(viewer)
    send(this.clusterState)
    send({ t: 'steps', lab: this.lab.id, steps: this.states() })
    send({ t: 'topology', lab: this.lab.id, changes: changesOf(this.topology) })
    if (this.running) this.showTerminal(viewer, this.running.terminal)
    // what went wrong has been told to every viewer as the cluster's state
    else this.start().catch(() => {})
    return {
      acknowledge: (characters) => viewer.output?.acknowledge(characters),
      detach: () => {
        this.viewers.delete(viewer)
        viewer.output?.detach()
      },
    }
  }

  /** Follows the lab from inside the process. Returns what ends it. */
  observe(observer: LabObserver): () => void {
    this.observers.add(observer)
    return () => this.observers.delete(observer)
  }

  /** Runs a step; the answer says at once whether that can be done. While the lab is still coming up it is run as soon as that is there. */
  run(step: string): RunAnswer {
    return this.whenReady(step, (steps) => steps.run(step))
  }

  /** Takes back a step, and those after it, as far as they have not begun. */
  withdraw(step: string): void {
    this.steps?.withdraw(step)
  }

  /** Runs every step before this one that was not run. */
  catchUp(step: string): RunAnswer {
    return this.whenReady(step, (steps) => steps.catchUp(step))
  }

  /** Goes on with another version of the lab. It has to have the same name, size and cluster. */
  update(lab: Lab): void {
    this.lab = lab
    this.steps?.update(lab)
  }

  /** Keystrokes. */
  input(data: string): void {
    this.running?.terminal.input(data)
  }

  /** Back to the start: cluster, shell, steps. */
  reset(): Promise<void> {
    this.restarted = -Infinity
    return this.beginAnew(null)
  }

  async dispose(): Promise<void> {
    this.disposed = true
    this.steps?.reset()
    const running = this.running ?? (await this.starting?.catch(() => null)) ?? null
    this.running = null
    this.viewers.clear()
    this.observers.clear()
    if (running) await this.tearDown(running)
  }

  private async tearDown(running: Running): Promise<void> {
    running.topology.dispose()
    await Promise.all([running.terminal.dispose(), running.cluster.dispose()])
    await running.prepared.dispose()
  }

  private broadcast(message: ServerMessage): void {
    for (const viewer of this.viewers) viewer.send(message)
  }

  private setCluster(state: 'starting' | 'ready' | 'lost', cluster: ClusterIdentity | null, notice: Notice | null): void {
    this.clusterState = { t: 'cluster', lab: this.lab.id, state, cluster: cluster ?? this.clusterState.cluster, notice }
    this.broadcast(this.clusterState)
  }

  private async bringUp(): Promise<Running> {
    this.setCluster('starting', null, null)
    const cluster = await this.parts.cluster()
    const nonce = randomBytes(12).toString('hex')
    let terminal: ShellTerminal | null = null
    try {
      const setup = { ...(await this.parts.shell(cluster)), nonce }
      const prepared = await prepareShell(setup)
      terminal = new ShellTerminal({
        shell: setup.shell,
        prepared,
        nonce,
        cols: this.lab.cols,
        rows: this.lab.rows,
        ...(this.parts.stallAfter !== undefined && { stallAfter: this.parts.stallAfter }),
      })
      terminal.listen({ output: (data) => this.tell((observer) => observer.output?.(data)) })
      for (const viewer of this.viewers) this.showTerminal(viewer, terminal)
      const topology = await this.parts.topology(cluster)
      const running = { cluster, topology, prepared, terminal }
      if (this.disposed) {
        await this.tearDown(running)
        throw new Error('the lab was ended while it started')
      }
      this.running = running
      this.wire(running)
      return running
    } catch (error) {
      await terminal?.dispose()
      await cluster.dispose()
      throw error
    }
  }

  private wire({ cluster, topology, prepared, terminal }: Running): void {
    this.steps = new Steps({
      lab: this.lab,
      shell: stepShell(terminal),
      evaluate: (check) => topology.evaluate(check),
      compareExit,
      checkTimeout: this.parts.checkTimeout,
      checkEvery: this.parts.checkEvery ?? CHECK_EVERY,
      changed: (states) => {
        this.broadcast({ t: 'steps', lab: this.lab.id, steps: states })
        this.tell((observer) => observer.steps?.(states))
      },
      began: (step) => {
        cluster.stepBegins?.(step)
        this.tell((observer) => observer.stepBegan?.(step))
      },
      ended: (step, exit) => {
        cluster.stepEnded?.(step)
        this.tell((observer) => observer.stepEnded?.(step, exit))
      },
    })
    topology.listen((changes) => this.change(changes))
    topology.onState((reachable, message) => {
      // a lab that is started anew does not answer before it is there: that is told already
      if (this.resetting || (this.clusterState.state === 'lost' && !reachable)) return
      this.setCluster(reachable ? 'ready' : 'lost', null, reachable ? null : { kind: 'unreachable', why: message ?? '' })
    })
    cluster.listen({
      changes: (changes) => {
        // the cluster was reset by other hands (`lab reset` in the pane): what the steps did is gone
        if (changes.some((change) => change.op === 'clear') && !this.resetting) {
          this.steps?.reset()
          topology.restart()
          // the shell goes on: it is the one that `lab reset` was typed into
          prepared
            .refill(cluster.env)
            .catch((error: unknown) => this.setCluster('ready', null, { kind: 'not-reset', why: messageOf(error) }))
        }
        this.change(changes)
      },
      lost: (ended) => this.startAnew(ended),
    })
    topology.start()
    this.setCluster('ready', cluster.identity, null)
  }

  private tell(call: (observer: LabObserver) => void): void {
    for (const observer of this.observers) call(observer)
  }

  private change(changes: TopologyChange[]): void {
    if (changes.length === 0) return
    this.topology = changes.reduce(applyChange, this.topology)
    this.broadcast({ t: 'topology', lab: this.lab.id, changes })
    this.tell((observer) => observer.topology?.(changes))
  }

  private showTerminal(viewer: Viewer, terminal: ShellTerminal): void {
    const { cols, rows } = this.lab
    viewer.output = terminal.attach({
      screen: (data) => viewer.send({ t: 'screen', lab: this.lab.id, cols, rows, data }),
      output: (data) => viewer.send({ t: 'output', lab: this.lab.id, data }),
    })
  }

  private whenReady(step: string, act: (steps: Steps) => RunAnswer): RunAnswer {
    const { state, notice } = this.clusterState
    if (this.steps && state === 'ready' && !this.resetting) return act(this.steps)
    if (state === 'lost' && !this.resetting) return { refused: notice ?? { kind: 'unreachable', why: '' } }
    const later = async (): Promise<StepState> => {
      await (this.resetting ?? this.start())
      const answer = this.whenReady(step, act)
      return 'accepted' in answer ? answer.accepted : pending(step, answer.refused)
    }
    return { accepted: later() }
  }

  /** The lab's process has ended though nobody asked for it: another one, and what was run is to be run again. */
  private startAnew(ended: string): void {
    if (this.disposed || this.resetting) return
    const now = performance.now()
    if (now - this.restarted < LIVED_LONG) return this.setCluster('lost', null, { kind: 'lab-ended', ended })
    this.restarted = now
    // what stood in the way is told to every page as the cluster's state
    this.beginAnew({ kind: 'restarting', ended }).catch(() => {})
  }

  /** `because` null: somebody asked for a reset. */
  private beginAnew(because: Notice | null): Promise<void> {
    this.resetting ??= this.performReset(because).finally(() => (this.resetting = null))
    return this.resetting
  }

  private async performReset(because: Notice | null): Promise<void> {
    const running = this.running ?? (await this.start())
    if (because) this.steps?.restart()
    else this.steps?.reset()
    // the shell may hold watches and curl loops: it goes first, and is there again when the cluster is
    this.setCluster('starting', null, because)
    try {
      await running.cluster.reset()
      await running.prepared.refill(running.cluster.env)
      running.terminal.restart()
      this.change([{ op: 'clear' }])
      running.topology.restart()
      this.setCluster('ready', running.cluster.identity, null)
    } catch (error) {
      this.setCluster('lost', null, { kind: 'not-reset', why: messageOf(error) })
      throw error
    }
  }
}
