/** A shell terminal as the steps of a lab use it: type a command as a person would, know when it has ended, interrupt it. */
import type { ShellState, ShellTerminal } from '../terminal/shell-terminal.ts'
import type { StepShell } from './steps.ts'

/** How long a program has to end itself on Ctrl-C before it is pressed once more, ms. */
const AGAIN_AFTER = 1_000
/**
 * How long a program that a person started is left alone before a click interrupts it, ms: what is over in a moment (an apply) is not cut off, and what goes on
 * (a watch) does not keep a speaker waiting.
 */
const PATIENCE = 1_000
/** How often Ctrl-C is pressed on such a program. One that takes it for something else (a shell) is waited for. */
const PRESSES = 3

/** Resolves when the terminal is in one of the states, at once where it is already. */
function reaches(terminal: ShellTerminal, ...states: ShellState[]): Promise<{ state: ShellState; exit: number | null }> {
  if (states.includes(terminal.state)) return Promise.resolve({ state: terminal.state, exit: null })
  return nextState(terminal, ...states)
}

/** Resolves when the terminal next enters one of the states. */
function nextState(terminal: ShellTerminal, ...states: ShellState[]): Promise<{ state: ShellState; exit: number | null }> {
  return new Promise((resolve) => {
    const stop = terminal.listen({
      state(state, exit) {
        if (!states.includes(state)) return
        stop()
        resolve({ state, exit })
      },
    })
  })
}

/** Resolves when the terminal is in another state, and anyhow after so many milliseconds, or when the signal is given up. */
function leftWithin(terminal: ShellTerminal, milliseconds: number | null, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const leave = (): void => {
      clearTimeout(timer)
      stop()
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    const timer = milliseconds === null ? undefined : setTimeout(leave, milliseconds)
    const stop = terminal.listen({ state: leave })
    signal?.addEventListener('abort', leave)
    if (signal?.aborted) leave()
  })
}

/** Types each line when the shell asks for it, so that nothing is typed ahead and echoed twice. */
async function typeLines(terminal: ShellTerminal, lines: string[]): Promise<void> {
  for (const [index, line] of lines.entries()) {
    if (index > 0) {
      const { state } = await reaches(terminal, 'continuation', 'starting', 'closed')
      if (state !== 'continuation') return
    }
    const next = index < lines.length - 1 ? nextState(terminal, 'continuation', 'prompt', 'running', 'starting', 'closed') : null
    terminal.input(line + '\r')
    await next
  }
}

export function stepShell(terminal: ShellTerminal): StepShell {
  return {
    async makeRoom(waiting, signal) {
      for (let presses = 0; terminal.state === 'running' && !signal.aborted;) {
        const program = terminal.foreground
        const interrupts = presses < PRESSES && (await terminal.isInterruptible())
        if (terminal.state !== 'running' || signal.aborted) break
        waiting({ kind: 'busy', program, interrupts })
        await leftWithin(terminal, interrupts ? PATIENCE : null, signal)
        if (!interrupts || signal.aborted) continue
        // it may have taken the keys for itself in the meantime
        if (!(await terminal.isInterruptible()) || terminal.state !== 'running' || signal.aborted) continue
        terminal.input('\u0003')
        presses++
        await leftWithin(terminal, AGAIN_AFTER, signal)
      }
      return terminal.state === 'closed' ? { kind: 'shell-closed' } : null
    },
    async run(command) {
      terminal.clearLine()
      if (terminal.state === 'continuation') await nextState(terminal, 'prompt', 'closed')
      const ready = await reaches(terminal, 'prompt', 'closed')
      if (ready.state === 'closed') return null
      // whatever the shell does next that is no prompt of this command ends the wait as well
      let begun = false
      const ended = new Promise<number | null>((resolve) => {
        const stop = terminal.listen({
          state(state, exit) {
            if (state === 'running') begun = true
            if (state === 'running' || state === 'continuation') return
            stop()
            // a line that the shell could not parse begins no command, and has an exit code all the same
            resolve(state === 'prompt' ? (exit ?? (begun ? null : terminal.lastStatus)) : null)
          },
        })
      })
      await typeLines(terminal, command.split('\n'))
      return ended
    },
    async interrupt() {
      // an interrupt before the shell has read the line would throw the line away
      await reaches(terminal, 'running', 'prompt', 'starting', 'closed')
      // a shell's loop goes on where the signal met a program that was ending anyway: who sees that presses Ctrl-C again
      while (terminal.state === 'running') {
        terminal.input('\u0003')
        await leftWithin(terminal, AGAIN_AFTER)
      }
    },
  }
}
