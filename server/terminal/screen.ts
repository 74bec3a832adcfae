/** The terminal as it stands, kept beside every pty by a headless xterm, so that a page that comes late gets a screen and not a history of bytes. */
import headless from '@xterm/headless'
import * as serialize from '@xterm/addon-serialize'

/** Lines above the screen that a page can still scroll back to. */
const SCROLLBACK = 1_000

export class Screen {
  readonly cols: number
  readonly rows: number
  private readonly terminal: InstanceType<typeof headless.Terminal>
  private readonly serializer = new serialize.SerializeAddon()
  private disposed = false

  constructor(cols: number, rows: number) {
    this.cols = cols
    this.rows = rows
    this.terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK, allowProposedApi: true })
    // the addon is written for the browser's terminal; the headless one has all that it uses
    this.terminal.loadAddon(this.serializer as unknown as Parameters<typeof this.terminal.loadAddon>[0])
  }

  write(data: string): void {
    this.terminal.write(data)
  }

  /** Empties the screen and its history. */
  clear(): void {
    this.terminal.write('\u001bc')
  }

  /** Calls `take` with the screen as it is after everything that has been written so far, before anything that is written later. */
  snapshot(take: (data: string) => void): void {
    this.terminal.write('', () => {
      if (!this.disposed) take(this.serializer.serialize())
    })
  }

  /** A program has taken the whole screen. */
  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate'
  }

  /** The rows of the screen as text, without trailing blanks, as of now. */
  text(): string[] {
    const buffer = this.terminal.buffer.active
    return Array.from(
      { length: this.rows },
      (_, row) =>
        buffer
          .getLine(buffer.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    )
  }

  dispose(): void {
    this.disposed = true
    this.terminal.dispose()
  }
}
