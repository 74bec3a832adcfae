/** What file descriptors stand for: pipes, files, terminals, what exec carries. */
import type { Wait } from './routine.ts'

/** Thrown to whoever writes where nobody reads any more: the process ends by SIGPIPE. */
export class BrokenPipe extends Error {}

export interface Stream {
  /** The next piece; null at the end. Absent: cannot be read. */
  read?(): Wait<string | null>
  /** Puts back what was read too much. */
  unread?(text: string): void
  /** null where it is done at once. Absent: cannot be written. Throws {@link BrokenPipe}. */
  write?(text: string): Wait<void> | null
  /** The last descriptor was closed. */
  close?(): void
  isTerminal?: boolean
}

/** A descriptor: one of perhaps several that share a stream. */
export class Descriptor {
  readonly stream: Stream
  private readonly shared: { count: number }
  private closed = false

  constructor(stream: Stream, shared = { count: 0 }) {
    this.stream = stream
    this.shared = shared
    shared.count++
  }

  copy(): Descriptor {
    return new Descriptor(this.stream, this.shared)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    if (--this.shared.count === 0) this.stream.close?.()
  }
}

/** Linux gives a pipe 64 KiB. */
const CAPACITY = 65_536

/** A pipe: text in at one end, out at the other. Also what carries the standard input of an exec. */
export class Pipe {
  private text = ''
  private ended = false
  private abandoned = false
  private readers: ((text: string | null) => void)[] = []
  private writers: (() => void)[] = []

  readonly reading: Stream = {
    read: () => (resume) => {
      this.readers.push(resume)
      this.serve()
      return () => void (this.readers = this.readers.filter((each) => each !== resume))
    },
    unread: (text) => void (this.text = text + this.text),
    close: () => {
      this.abandoned = true
      this.release()
    },
  }

  readonly writing: Stream = {
    write: (text) => {
      if (this.abandoned) throw new BrokenPipe()
      this.push(text)
      if (this.text.length < CAPACITY) return null
      return (resume) => {
        this.writers.push(resume)
        return () => void (this.writers = this.writers.filter((each) => each !== resume))
      }
    },
    close: () => this.end(),
  }

  push(text: string): void {
    if (text === '' || this.ended) return
    this.text += text
    this.serve()
  }

  /** No more will come. */
  end(): void {
    this.ended = true
    this.serve()
  }

  private serve(): void {
    while (this.readers.length > 0 && (this.text !== '' || this.ended)) {
      const reader = this.readers.shift() as (text: string | null) => void
      const text = this.text === '' ? null : this.text
      this.text = ''
      this.release()
      reader(text)
    }
  }

  private release(): void {
    for (const writer of this.writers.splice(0)) writer()
  }
}

/** Text that stands there already: a here-document. */
export function textStream(text: string): Stream {
  const pipe = new Pipe()
  pipe.push(text)
  pipe.end()
  return pipe.reading
}

/** Takes what is written, at once. */
export function sink(write: (text: string) => void): Stream {
  return {
    write: (text) => {
      write(text)
      return null
    },
  }
}

/** All of a process's descriptors once more: what a child gets. */
export function copyOf(descriptors: ReadonlyMap<number, Descriptor>): Map<number, Descriptor> {
  return new Map([...descriptors].map(([number, descriptor]) => [number, descriptor.copy()]))
}
