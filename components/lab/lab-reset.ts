/**
 * Starting labs over, which takes two presses: the first one asks.
 *
 *     phase           event                              next
 *     idle            press                              armed
 *     armed           press for the same labs            running
 *     armed           press for others                   armed, for those
 *     armed           CONFIRM_WITHIN is over             idle
 *     running         the bridge says how it went        done, failed
 *     done, failed    SHOWN_FOR is over; press           idle; armed
 */
import { shallowReactive } from 'vue'

/** Within this time (ms) the second press confirms. */
export const CONFIRM_WITHIN = 4000
/** How long the outcome is shown, ms. */
export const SHOWN_FOR = 4000

export interface LabResetState {
  phase: 'idle' | 'armed' | 'running' | 'done' | 'failed'
  /** Ids of the labs; none of them: all that run. */
  labs: readonly string[]
  /** Why it failed. */
  why: string | null
}

export interface LabResetOptions {
  after(milliseconds: number, run: () => void): () => void
  /** Resolves with the labs that were reset, rejects with why they were not. */
  reset(labs: readonly string[]): Promise<readonly string[]>
}

export interface LabReset {
  readonly state: LabResetState
  press(labs: readonly string[]): void
}

export function createLabReset({ after, reset }: LabResetOptions): LabReset {
  const state: LabResetState = shallowReactive({ phase: 'idle', labs: [], why: null })
  let cancel = (): void => {}

  function enter(phase: LabResetState['phase'], labs: readonly string[], why: string | null = null): void {
    cancel()
    Object.assign(state, { phase, labs, why })
    if (phase === 'armed') cancel = after(CONFIRM_WITHIN, () => enter('idle', []))
    if (phase === 'done' || phase === 'failed') cancel = after(SHOWN_FOR, () => enter('idle', []))
  }

  return {
    state,
    press(labs) {
      if (state.phase === 'running') return
      if (state.phase !== 'armed' || state.labs.join() !== labs.join()) return enter('armed', labs)
      enter('running', labs)
      reset(labs).then(
        (done) => enter('done', done),
        (error: unknown) => enter('failed', labs, (error as Error).message),
      )
    },
  }
}

/** One line for whoever pressed. */
export function resetWords({ phase, labs, why }: LabResetState): string | null {
  const which = labs.length > 0 ? `랩 ${labs.join(', ')}을(를)` : '실행 중인 랩 모두를'
  switch (phase) {
    case 'idle':
      return null
    case 'armed':
      return `⇧R 한 번 더: ${which} 처음으로`
    case 'running':
      return `${which} 처음으로 되돌리고 있습니다`
    case 'done':
      return labs.length > 0 ? `랩 ${labs.join(', ')}: 처음으로 되돌렸습니다` : '실행 중인 랩이 없습니다 · 이미 처음입니다'
    case 'failed':
      return `되돌리지 못했습니다 · ${why}`
  }
}
