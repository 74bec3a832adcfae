/** Runs a lab step by step and takes it down: what the recordings of the deck are made of. */
import { inEnglish } from './english.ts'
import type { Cast } from './protocol/asciicast.ts'
import { stepsOf, type Lab } from './protocol/lab.ts'
import { changesOf } from './protocol/topology.ts'
import { startRecorder, type Recorder } from './recording/recorder.ts'
import type { LabSession } from './session/lab-session.ts'

export interface RecordingPace {
  /** How long a command that keeps running is watched once what it shows has happened, ms. */
  watch: number
  /** How long the outcome of any other step is left standing, ms: changes of the cluster that follow it belong to it. */
  settle: number
}

/** Long enough to see a loop turn a dozen times; long enough for the last event of a rollout. */
const PACE: RecordingPace = { watch: 6_000, settle: 1_500 }

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Records a lab from its start. The session must be fresh. `progress` is told of every step before it runs. An error names the step and what was found.
 * A step begins where it is clicked: the `^C` that ends the command before belongs to it.
 */
export async function recordLab(
  session: LabSession,
  lab: Lab,
  progress: (step: string, command: string) => void,
  pace: RecordingPace = PACE,
): Promise<{ cast: Cast } | { error: string }> {
  const early: string[] = []
  let recorder: Recorder | null = null
  let ended: number | null = null
  const stop = session.observe({
    output: (data) => (recorder === null ? void early.push(data) : recorder.output(data)),
    topology: (changes) => recorder?.topology(changes),
    stepEnded: (_step, exit) => {
      ended = exit
      recorder?.stepEnds(exit)
    },
  })
  try {
    await session.start()
    await pause(pace.settle)
    const { identity } = session
    if (identity === null) return { error: `lab ${lab.id}: the cluster is up, but nobody knows which it is` }
    const { source, kubernetes, preset } = identity
    const steps = stepsOf(lab)
    recorder = startRecorder(
      {
        version: 3,
        term: { cols: lab.cols, rows: lab.rows, type: 'xterm-256color' },
        title: `lab ${lab.id}`,
        lab: { id: lab.id, steps: steps.map(({ id, command }) => ({ id, command })), cluster: { source, kubernetes, preset } },
      },
      () => performance.now() / 1000,
    )
    recorder.topology(changesOf(session.currentTopology))
    recorder.output(early.splice(0).join(''))
    for (const step of steps) {
      progress(step.id, step.command)
      recorder.stepBegins(step.id)
      const answer = session.run(step.id)
      if ('refused' in answer) return { error: `${step.file}:${step.line}: step ${step.id} was refused: ${inEnglish(answer.refused)}` }
      // a command that keeps running and has no checks is done only when the next step wants the shell
      const state = step.keepsRunning && step.checks.length === 0 ? null : await answer.accepted
      if (state !== null && state.status !== 'done') {
        const screen = session.screenText().join('\n').trimEnd()
        const why = state.reason ? inEnglish(state.reason) : `exit code ${ended}`
        return {
          error: `${step.file}:${step.line}: step ${step.id} (${step.command}) ${state.status}: ${why}. The terminal shows:\n${screen}\n`,
        }
      }
      await pause(step.keepsRunning ? pace.watch : pace.settle)
    }
    return { cast: recorder.cast() }
  } finally {
    stop()
  }
}
