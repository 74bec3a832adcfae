/**
 * A shell behind a pty, its screen, and the pages that look at it. What the shell is doing follows from its marks (marks.ts):
 *
 * | state        | on                                         | next         |
 * |--------------|--------------------------------------------|--------------|
 * | starting     | the prompt stands                          | prompt       |
 * | prompt       | the continuation prompt stands             | continuation |
 * | prompt       | the command begins (sh: Enter was pressed) | running      |
 * | continuation | the command begins; the prompt stands      | running; prompt |
 * | running      | the prompt stands                          | prompt       |
 * | any          | the shell exits                            | starting, with a new shell; closed after it failed too often |
 */
import { spawn, type IPty } from 'node-pty'
import { FanOut, type OutputAttachment, type OutputClient } from './fan-out.ts'
import { MarkScanner, type Mark } from './marks.ts'
import { Screen } from './screen.ts'
import type { PreparedShell, Shell } from './shell.ts'
import { readsLines } from './line-discipline.ts'

export type ShellState = 'starting' | 'prompt' | 'continuation' | 'running' | 'closed'

/** A shell that lived shorter than this and ended has failed; after so many in a row none is started any more. ms */
const SHORT_LIFE = 1_000
const FAILURES = 3
/** What leaves nothing of a line behind: Enter, and Ctrl-C. */
const LINE_ENDS = ['\r', '\n', '\u0003']
/** How long a process group has after its terminal hung up before it is killed, ms. */
const GRACE = 500

export interface ShellListener {
  output?(data: string): void
  /** The state has changed; `exit` is the exit code of the command that ended before this prompt, null where none was begun. */
  state?(state: ShellState, exit: number | null): void
}

export interface ShellTerminalOptions {
  shell: Shell
  prepared: PreparedShell
  nonce: string
  cols: number
  rows: number
  stallAfter?: number
}

const running = new Set<ShellTerminal>()

/** How many shells are running in this process. For tests, and for the count that a start shows. */
export function runningShells(): number {
  return running.size
}

export class ShellTerminal {
  readonly cols: number
  readonly rows: number
  private readonly options: ShellTerminalOptions
  private readonly screen: Screen
  private readonly fanOut: FanOut
  private readonly listeners = new Set<ShellListener>()
  private pty: IPty | null = null
  private current: ShellState = 'starting'
  private begun = false
  private typed = false
  /** Whether the last line that was sent is not yet entered: the next prompt will show it, whatever runs until then. */
  private ahead = false
  private talkedTo = false
  private failures = 0
  private lastExit: number | null = null
  private status = 0

  constructor(options: ShellTerminalOptions) {
    this.options = options
    this.cols = options.cols
    this.rows = options.rows
    this.screen = new Screen(options.cols, options.rows)
    this.fanOut = new FanOut(this.screen, { pause: () => this.pty?.pause(), resume: () => this.pty?.resume() }, options.stallAfter)
    running.add(this)
    this.start()
  }

  get state(): ShellState {
    return this.current
  }

  /** True where something was typed at the prompt that has not been run. */
  get hasPartialInput(): boolean {
    return this.typed && this.current === 'prompt'
  }

  /** The name of the program in the foreground. */
  get foreground(): string {
    return this.pty?.process.split('/').at(-1) ?? ''
  }

  /** What `$?` was at the last prompt. */
  get lastStatus(): number {
    return this.status
  }

  get pid(): number | null {
    return this.pty?.pid ?? null
  }

  /**
   * Whether Ctrl-C ends what runs and does nothing else: the program leaves the keyboard to the terminal (`kubectl get -w`, a loop), has not taken the whole
   * screen, and nobody has typed anything to it. An editor, a pager, `kubectl exec -it` read keys themselves and get none that nobody pressed.
   */
  async isInterruptible(): Promise<boolean> {
    const pty = this.pty
    if (!pty || this.current !== 'running' || this.talkedTo || this.screen.isAlternate) return false
    return (await readsLines(pty)) && this.pty === pty
  }

  get isPaused(): boolean {
    return this.fanOut.isPaused
  }

  /** The screen's rows as text. */
  text(): string[] {
    return this.screen.text()
  }

  listen(listener: ShellListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  attach(client: OutputClient, acknowledges = true): OutputAttachment {
    return this.fanOut.attach(client, acknowledges)
  }

  /** Keystrokes. */
  input(data: string): void {
    if (!this.pty) return
    const enter = /[\r\n]/.test(data)
    this.ahead = Math.max(...LINE_ENDS.map((end) => data.lastIndexOf(end))) < data.length - 1
    if (this.current === 'prompt') this.typed = this.ahead
    // Enter alone is what people press to part what a watch prints
    if (this.current === 'running' && /\P{Cc}/u.test(data)) this.talkedTo = true
    // without a mark of its own for the start of a command, Enter is what is known
    if (enter && this.options.shell.kind === 'sh' && this.current === 'prompt') this.enter('running', null, true)
    this.pty.write(data)
  }

  /** Empties the line that is being typed, where there is one. */
  clearLine(): void {
    if (this.current === 'continuation') this.input('\u0003')
    // Ctrl-E first where there is line editing: Ctrl-U deletes what is left of the cursor
    else if (this.hasPartialInput) this.input(this.options.shell.kind === 'bash' ? '\u0005\u0015' : '\u0015')
    this.typed = this.ahead = false
  }

  /** Ends the shell and starts another one on an empty screen. */
  restart(): void {
    this.failures = 0
    void this.stop()
    this.screen.clear()
    this.fanOut.resync()
    this.start()
  }

  /** Resolves once the shell is gone. */
  async dispose(): Promise<void> {
    const gone = this.stop()
    this.enter('closed', null)
    this.listeners.clear()
    this.fanOut.dispose()
    this.screen.dispose()
    running.delete(this)
    await gone
  }

  private start(): void {
    const { prepared, nonce } = this.options
    const scanner = new MarkScanner(nonce)
    this.typed = this.ahead = false
    this.enter('starting', null)
    const pty = spawn(prepared.path, prepared.args, {
      name: 'xterm-256color',
      cols: this.cols,
      rows: this.rows,
      cwd: prepared.home,
      env: prepared.env,
    })
    const born = performance.now()
    this.pty = pty
    pty.onData((chunk) => {
      if (this.pty !== pty) return
      for (const piece of scanner.scan(chunk)) {
        if ('mark' in piece) this.take(piece)
        else this.emit(piece.text)
      }
    })
    pty.onExit(({ exitCode }) => {
      if (this.pty !== pty) return
      this.pty = null
      this.failures = performance.now() - born < SHORT_LIFE ? this.failures + 1 : 0
      if (this.failures >= FAILURES) {
        this.emit(`\r\n[the shell ended at once ${FAILURES} times, exit code ${exitCode}: reset the lab to try again]\r\n`)
        this.enter('closed', null)
        return
      }
      this.emit(`\r\n[the shell has ended, exit code ${exitCode}: here is a new one]\r\n`)
      this.start()
    })
  }

  private emit(data: string): void {
    this.fanOut.push(data)
    for (const listener of this.listeners) listener.output?.(data)
  }

  private take(mark: Mark): void {
    switch (mark.mark) {
      case 'ended':
        this.status = mark.exit
        this.lastExit = this.begun ? mark.exit : null
        this.begun = false
        return
      case 'prompt':
        this.typed = this.ahead
        return this.enter('prompt', this.lastExit)
      case 'continuation':
        return this.enter('continuation', null)
      case 'begins':
        return this.enter('running', null, true)
    }
  }

  private enter(state: ShellState, exit: number | null, begun = this.begun): void {
    this.begun = begun
    if (state !== this.current) this.talkedTo = false
    this.current = state
    for (const listener of this.listeners) listener.state?.(state, exit)
  }

  /** Hangs up, as closing a terminal window does, and kills what does not go. Resolves once the shell is gone. */
  private stop(): Promise<void> {
    const pty = this.pty
    if (!pty) return Promise.resolve()
    this.pty = null
    return new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        try {
          process.kill(pty.pid, 'SIGKILL')
        } catch {
          // it is gone, which is what was wanted
        }
      }, GRACE)
      pty.onExit(() => {
        clearTimeout(timer)
        resolve()
      })
      // a paused pty would never be read to its end
      pty.resume()
      pty.kill()
    })
  }
}
