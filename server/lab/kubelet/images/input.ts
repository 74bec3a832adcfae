/** What a process reads: bytes come when they come, one reader after the other takes them, as programs of a shell share their standard input. */

interface Reader {
  data(text: string): void
  end(): void
}

export class Input {
  private text = ''
  /** Ctrl-D on a terminal: the next read ends, the one after it does not. */
  private pauses = 0
  private closed = false
  private reader: Reader | null = null

  /** Everything at once: a pipe whose writer has ended. */
  static of(text: string): Input {
    const input = new Input()
    input.push(text)
    input.close()
    return input
  }

  push(data: string): void {
    if (this.closed || data === '') return
    this.text += data
    this.serve()
  }

  /** No more will come. */
  close(): void {
    this.closed = true
    this.serve()
  }

  /** Ends what reads now, or what reads next, and nothing else. */
  endOnce(): void {
    this.pauses++
    this.serve()
  }

  /** Takes all data as it comes, until the end. Returns what stops it. */
  read(data: (text: string) => void, end: () => void): () => void {
    const reader: Reader = { data, end }
    this.reader = reader
    this.serve()
    return () => {
      if (this.reader === reader) this.reader = null
    }
  }

  /** Takes one line, without its newline; null at the end. The last line needs no newline. Returns what stops it. */
  readLine(line: (text: string | null) => void): () => void {
    let found = ''
    const reader: Reader = {
      data: (text) => {
        const at = text.indexOf('\n')
        if (at < 0) {
          found += text
          return
        }
        this.reader = null
        this.text = text.slice(at + 1) + this.text
        line(found + text.slice(0, at))
      },
      end: () => line(found === '' ? null : found),
    }
    this.reader = reader
    this.serve()
    return () => {
      if (this.reader === reader) this.reader = null
    }
  }

  private serve(): void {
    const { reader } = this
    if (!reader) return
    if (this.text !== '') {
      const { text } = this
      this.text = ''
      reader.data(text)
      return this.serve()
    }
    if (!this.closed && this.pauses === 0) return
    if (this.pauses > 0) this.pauses--
    this.reader = null
    reader.end()
  }
}
