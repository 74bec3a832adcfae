/**
 * A container's terminal. While a program reads lines the kernel's line discipline echoes and edits (Backspace, Ctrl-U, Ctrl-W, Ctrl-D); while a shell
 * edits its own line it gets every key (line-editor.ts). Ctrl-C goes to the processes in the foreground either way.
 */
import type { Signal } from './signals.ts'
import type { Stream } from './streams.ts'
import { charactersOf, widthOf } from './width.ts'

export class Terminal {
  columns = 0
  rows = 0
  /** The group of processes that Ctrl-C reaches. */
  foreground = 0
  /** Set by whoever creates the processes on it. */
  signal: (group: number, signal: Signal) => void = () => {}
  private readonly output: (text: string) => void
  private line = ''
  private pending = ''
  private eof = 0
  private hungUp = false
  private reader: ((text: string | null) => void) | null = null
  private editor: ((keys: string) => void) | null = null

  constructor(output: (text: string) => void) {
    this.output = output
  }

  /** What a program writes; the line discipline goes back to the first column itself. */
  write(text: string): void {
    this.output(text.replace(/\r?\n/g, '\r\n'))
  }

  readonly stream: Stream = {
    read: () => (resume) => {
      this.reader = resume
      this.serve()
      return () => {
        if (this.reader === resume) this.reader = null
      }
    },
    unread: (text) => void (this.pending = text + this.pending),
    write: (text) => {
      this.write(text)
      return null
    },
    isTerminal: true,
  }

  /** Keys as they are typed. */
  type(keys: string): void {
    if (this.editor) return this.editor(keys)
    for (let at = 0; at < keys.length; at++) {
      if (this.editor) return this.type(keys.slice(at))
      this.cook(keys[at] as string)
    }
  }

  /** Whoever sat before it has gone. */
  hangUp(): void {
    this.hungUp = true
    this.serve()
    this.editor?.('\u0004')
  }

  /** A shell takes the keys for itself. Returns what gives them back. */
  edit(keys: (keys: string) => void): () => void {
    this.editor = keys
    return () => {
      if (this.editor === keys) this.editor = null
    }
  }

  /** Hands to the shell that edits what was typed ahead; that may end its line already. */
  catchUp(): void {
    const { editor } = this
    const ahead = this.pending + this.line
    this.pending = ''
    this.line = ''
    if (ahead !== '') editor?.(ahead)
    if (this.hungUp && this.editor === editor) editor?.('\u0004')
  }

  private cook(letter: string): void {
    switch (letter) {
      case '\r':
      case '\n':
        this.output('\r\n')
        this.pending += `${this.line}\n`
        this.line = ''
        return this.serve()
      case '\u007f':
      case '\b': {
        const characters = charactersOf(this.line)
        const last = characters.pop()
        if (last === undefined) return
        this.line = characters.join('')
        return this.output('\b \b'.repeat(Math.max(1, widthOf(last))))
      }
      case '\u0015':
      case '\u0017': {
        const kept = letter === '\u0015' ? '' : this.line.replace(/[^\s]*\s*$/, '')
        this.output('\b \b'.repeat(widthOf(this.line.slice(kept.length))))
        this.line = kept
        return
      }
      case '\u0003':
      case '\u001c':
        this.output(letter === '\u0003' ? '^C' : '^\\')
        this.line = ''
        return this.signal(this.foreground, letter === '\u0003' ? 'INT' : 'QUIT')
      case '\u0004':
        if (this.line === '') this.eof++
        this.pending += this.line
        this.line = ''
        return this.serve()
      default:
        this.line += letter
        this.output(letter < ' ' && letter !== '\t' ? `^${String.fromCharCode(letter.charCodeAt(0) + 64)}` : letter)
    }
  }

  private serve(): void {
    const { reader } = this
    if (!reader) return
    if (this.pending === '' && this.eof === 0 && !this.hungUp) return
    const { pending } = this
    if (pending === '' && this.eof > 0) this.eof--
    this.pending = ''
    this.reader = null
    reader(pending === '' ? null : pending)
  }
}
