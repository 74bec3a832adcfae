/** The line that a shell edits at its prompt: keys in, what the terminal must show out. Keys as busybox's lineedit and readline have them in common. */
import type { Wait } from '../kernel/routine.ts'
import type { Terminal } from '../kernel/terminal.ts'
import { charactersOf, columnsOf, widthOf } from '../kernel/width.ts'

export type Edited = { line: string } | 'end' | 'interrupted'

export interface EditorOptions {
  prompt: string
  /** Lines entered before, oldest first. */
  history: readonly string[]
  /** What may stand in the place of the word before the cursor: all that fit. */
  complete(line: string): { word: string; choices: string[] }
}

/** What follows an escape when a cursor or function key is pressed. */
// eslint-disable-next-line no-control-regex
const KEY = /^\u001b(?:\[([0-9;]*)([A-Za-z~])|O([A-Z])|([A-Za-z\u007f\b]))/
// eslint-disable-next-line no-control-regex
const UNFINISHED = /^\u001b(?:\[[0-9;]*|O)?$/
const DEFAULT_COLUMNS = 80

/** Lets a person edit a line on a terminal. */
export function editLine(terminal: Terminal, options: EditorOptions): Wait<Edited> {
  return (resume) => {
    const editor = new LineEditor(terminal, options, (result, rest) => {
      release()
      resume(result)
      if (rest !== '') terminal.type(rest)
    })
    terminal.write(options.prompt)
    const release = terminal.edit((keys) => editor.keys(keys))
    terminal.catchUp()
    return release
  }
}

class LineEditor {
  private readonly terminal: Terminal
  private readonly options: EditorOptions
  private readonly done: (result: Edited, rest: string) => void
  private letters: string[] = []
  private cursor = 0
  private at: number
  /** The line that was being typed before the history was looked at. */
  private draft = ''
  private unread = ''
  private killed = ''
  private over = false

  constructor(terminal: Terminal, options: EditorOptions, done: (result: Edited, rest: string) => void) {
    this.terminal = terminal
    this.options = options
    this.done = done
    this.at = options.history.length
  }

  keys(typed: string): void {
    let rest = this.unread + typed
    this.unread = ''
    while (rest !== '' && !this.over) {
      if (rest.startsWith('\u001b')) {
        if (UNFINISHED.test(rest)) {
          this.unread = rest
          return
        }
        const key = KEY.exec(rest)
        rest = rest.slice(key?.[0].length ?? 1)
        if (key) this.special(key[2] === '~' ? `${key[1]}~` : (key[2] ?? key[3] ?? `alt-${key[4]}`), key[1] ?? '')
        continue
      }
      const letter = String.fromCodePoint(rest.codePointAt(0) as number)
      rest = rest.slice(letter.length)
      this.key(letter, rest)
    }
  }

  private finish(result: Edited, rest: string): void {
    this.over = true
    this.done(result, rest)
  }

  private key(letter: string, rest: string): void {
    const line = (): string => this.letters.join('')
    switch (letter) {
      case '\r':
      case '\n':
        this.move(this.letters.length)
        this.terminal.write('\n')
        return this.finish({ line: line() }, rest)
      case '\u0003':
        this.move(this.letters.length)
        this.terminal.write('^C\n')
        return this.finish('interrupted', rest)
      case '\u0004':
        if (this.letters.length === 0) return this.finish('end', rest)
        return this.erase(this.cursor, this.cursor + 1)
      case '\u007f':
      case '\b':
        return this.erase(this.cursor - 1, this.cursor)
      case '\u0001':
        return this.move(0)
      case '\u0005':
        return this.move(this.letters.length)
      case '\u0002':
        return this.move(this.cursor - 1)
      case '\u0006':
        return this.move(this.cursor + 1)
      case '\u000b':
        return this.kill(this.cursor, this.letters.length)
      case '\u0015':
        return this.kill(0, this.cursor)
      case '\u0017':
        return this.kill(this.wordBefore(), this.cursor)
      case '\u0019':
        return this.insert(this.killed)
      case '\u000c':
        this.terminal.write(`\u001b[H\u001b[J${this.options.prompt}`)
        return this.redraw(0)
      case '\u0010':
        return this.recall(-1)
      case '\u000e':
        return this.recall(1)
      case '\t':
        return this.complete()
      default:
        if (letter >= ' ') this.insert(letter)
    }
  }

  private special(name: string, parameters: string): void {
    const byWord = parameters.includes(';5') || parameters.includes(';3')
    switch (name) {
      case 'A':
        return this.recall(-1)
      case 'B':
        return this.recall(1)
      case 'C':
        return this.move(byWord ? this.wordAfter() : this.cursor + 1)
      case 'D':
        return this.move(byWord ? this.wordBefore() : this.cursor - 1)
      case 'H':
      case '1~':
      case '7~':
        return this.move(0)
      case 'F':
      case '4~':
      case '8~':
        return this.move(this.letters.length)
      case '3~':
        return this.erase(this.cursor, this.cursor + 1)
      case 'alt-b':
        return this.move(this.wordBefore())
      case 'alt-f':
        return this.move(this.wordAfter())
      case 'alt-d':
        return this.kill(this.cursor, this.wordAfter())
      case 'alt-\u007f':
      case 'alt-\b':
        return this.kill(this.wordBefore(), this.cursor)
      default:
    }
  }

  private wordBefore(): number {
    let at = this.cursor
    while (at > 0 && this.letters[at - 1] === ' ') at--
    while (at > 0 && this.letters[at - 1] !== ' ') at--
    return at
  }

  private wordAfter(): number {
    let at = this.cursor
    while (at < this.letters.length && this.letters[at] === ' ') at++
    while (at < this.letters.length && this.letters[at] !== ' ') at++
    return at
  }

  // --- what the terminal shows

  /** Row and column of a place in the line, counted from where the prompt begins. */
  private place(index: number): { row: number; column: number } {
    const columns = this.terminal.columns || DEFAULT_COLUMNS
    let row = 0
    let column = 0
    for (const letter of [...charactersOf(visible(this.options.prompt)), ...this.letters.slice(0, index)]) {
      const width = widthOf(letter) || (columnsOf(letter) === 0 ? 0 : 1)
      if (column + width > columns) {
        row++
        column = 0
      }
      column += width
      if (column === columns) {
        row++
        column = 0
      }
    }
    return { row, column }
  }

  private go(from: { row: number; column: number }, to: { row: number; column: number }): void {
    if (from.row === to.row) {
      const back = from.column - to.column
      if (back === 0) return
      if (to.column === 0) this.terminal.write('\r')
      else if (back > 0) this.terminal.write(back < 4 ? '\b'.repeat(back) : `\u001b[${back}D`)
      else this.terminal.write(`\u001b[${-back}C`)
      return
    }
    const rows = from.row - to.row
    this.terminal.write(`${rows > 0 ? `\u001b[${rows}A` : `\u001b[${-rows}B`}\r${to.column > 0 ? `\u001b[${to.column}C` : ''}`)
  }

  private move(to: number): void {
    const target = Math.max(0, Math.min(to, this.letters.length))
    if (target === this.cursor) return
    this.go(this.place(this.cursor), this.place(target))
    this.cursor = target
  }

  /** Prints the line from an index, where the terminal's cursor stands, on; clears what stood there before; goes back to the cursor. */
  private redraw(from: number): void {
    const tail = this.letters.slice(from).join('')
    const end = this.place(this.letters.length)
    // a line that fills the last column leaves the terminal's cursor on it until something follows
    const wraps = end.column === 0 && end.row > 0 && tail !== ''
    this.terminal.write(`${tail}${wraps ? '\n' : ''}\u001b[J`)
    this.go(end, this.place(this.cursor))
  }

  private insert(text: string): void {
    if (text === '') return
    const before = this.letters.slice(0, this.cursor)
    const joined = charactersOf(before.join('') + text)
    const after = this.letters.slice(this.cursor)
    const atEnd = after.length === 0
    const from = this.cursor
    this.letters = [...joined, ...after]
    this.cursor = joined.length
    const place = this.place(this.cursor)
    if (atEnd && place.column !== 0 && this.place(from).row === place.row && joined.length > before.length) return this.terminal.write(text)
    if (joined.length <= before.length) {
      this.go(this.place(from), this.place(from))
      return this.terminal.write(text)
    }
    this.redraw(from)
  }

  private erase(from: number, to: number): void {
    if (from < 0 || from >= this.letters.length || to <= from) return
    const old = this.place(this.cursor)
    const width = widthOf(this.letters.slice(from, to).join(''))
    const atEnd = to === this.letters.length && to === this.cursor
    const target = this.place(from)
    this.letters.splice(from, to - from)
    this.cursor = from
    if (atEnd && old.row === target.row && old.column - target.column === width && width <= 2)
      return this.terminal.write(`${'\b'.repeat(width)}${' '.repeat(width)}${'\b'.repeat(width)}`)
    this.go(old, target)
    this.redraw(from)
  }

  private kill(from: number, to: number): void {
    if (to <= from) return
    this.killed = this.letters.slice(from, to).join('')
    this.erase(from, to)
  }

  private replaceLine(line: string): void {
    const old = this.place(this.cursor)
    const start = this.place(0)
    this.go(old, start)
    this.letters = charactersOf(line)
    this.cursor = this.letters.length
    this.redraw(0)
  }

  private recall(step: number): void {
    const { history } = this.options
    const next = this.at + step
    if (next < 0 || next > history.length) return
    if (this.at === history.length) this.draft = this.letters.join('')
    this.at = next
    this.replaceLine(history[next] ?? this.draft)
  }

  private complete(): void {
    const { word, choices } = this.options.complete(this.letters.slice(0, this.cursor).join(''))
    const [only] = choices
    if (only === undefined) return this.terminal.write('\u0007')
    const common = choices.reduce((prefix, choice) => {
      let length = 0
      while (length < prefix.length && prefix[length] === choice[length]) length++
      return prefix.slice(0, length)
    }, only)
    if (common.length > word.length)
      return this.insert(common.slice(word.length) + (choices.length === 1 && !only.endsWith('/') ? ' ' : ''))
    if (choices.length === 1) return this.insert(only.endsWith('/') ? '' : ' ')
    this.go(this.place(this.cursor), this.place(this.letters.length))
    this.terminal.write(`\n${choices.map((choice) => choice.replace(/^.*\/(?=.)/, '')).join('  ')}\n${this.options.prompt}`)
    this.redraw(0)
  }
}

/** A prompt without the sequences that take no room. */
function visible(prompt: string): string {
  // eslint-disable-next-line no-control-regex
  return prompt.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r/g, '')
}
