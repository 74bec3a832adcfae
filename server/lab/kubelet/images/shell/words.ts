/** Words, quotes and expansions; operators are where a word ends. */
import { ShellSyntaxError, type List, type Redirect, type Word, type WordPart } from './grammar.ts'

const SPECIAL_NAME = /^[A-Za-z_]\w*|^[0-9?#@*$!-]/
const OPERATOR = /^(?:<<|&&|\|\||;;|[;&|()\n]|[012]?>&[012]|[012]?>>|[012]?>\|?|0?<)/
const EXPANSION_OPERATOR = /^(?::?[-=+?]|##?|%%?)/
/** A place in a script, and what can be read from there. */
export abstract class WordReader {
  protected readonly text: string
  protected at = 0
  private readonly documents: { redirect: Redirect; end: string; indented: boolean; literal: boolean }[] = []

  constructor(text: string) {
    this.text = text
  }

  /** The list inside `$(...)`. */
  protected abstract list(): List
  /** Another reader of the same kind. */
  protected abstract reader(text: string): WordReader

  /** A word up to the next blank or operator. */
  protected word(): Word {
    const parts: WordPart[] = []
    const begin = this.at
    while (this.at < this.text.length) {
      const letter = this.text[this.at] as string
      if (/[\s;&|()<>]/.test(letter)) break
      if (letter === "'") parts.push({ is: 'text', text: this.upTo("'"), quoted: true })
      else if (letter === '"') parts.push(...this.doubleQuoted())
      else if (letter === '\\') {
        if (this.text[this.at + 1] !== '\n') parts.push({ is: 'text', text: this.text[this.at + 1] ?? '\\', quoted: true })
        this.at += 2
      } else if (letter === '$' || letter === '`') parts.push(this.expansion(false))
      else {
        const plain = /^[^\s;&|()<>'"\\$`]+/.exec(this.text.slice(this.at))?.[0] ?? letter
        parts.push({ is: 'text', text: plain, quoted: false })
        this.at += plain.length
      }
    }
    if (this.at === begin) throw this.unexpected()
    return { parts }
  }

  protected upTo(quote: string): string {
    const end = this.text.indexOf(quote, this.at + 1)
    if (end < 0) throw new ShellSyntaxError('unterminated quoted string', true)
    const text = this.text.slice(this.at + 1, end)
    this.at = end + 1
    return text
  }

  protected doubleQuoted(): WordPart[] {
    this.at++
    const parts = this.quotedParts('"')
    this.at++
    // an empty string is a word too
    return parts.length > 0 ? parts : [{ is: 'text', text: '', quoted: true }]
  }

  /** Text with expansions up to a closing letter, which is left. */
  protected quotedParts(close: string): WordPart[] {
    const parts: WordPart[] = []
    for (;;) {
      if (this.at >= this.text.length) throw new ShellSyntaxError('unterminated quoted string', true)
      const letter = this.text[this.at] as string
      if (letter === close) return parts
      if (letter === '\\') {
        const next = this.text[this.at + 1] ?? ''
        if (next !== '\n') parts.push({ is: 'text', text: /[$`"\\]/.test(next) ? next : `\\${next}`, quoted: true })
        this.at += 2
      } else if (letter === '$' || letter === '`') parts.push(this.expansion(true))
      else {
        let end = this.at
        while (end < this.text.length && !/[\\$`]/.test(this.text[end] as string) && this.text[end] !== close) end++
        parts.push({ is: 'text', text: this.text.slice(this.at, end), quoted: true })
        this.at = end
      }
    }
  }

  protected expansion(quoted: boolean): WordPart {
    if (this.text[this.at] === '`') {
      const body = this.upTo('`').replace(/\\([$`\\])/g, '$1')
      return { is: 'command', body: this.reader(body).whole(), quoted }
    }
    if (this.text.startsWith('$((', this.at)) {
      const close = this.closingArithmetic()
      const inner = this.reader(this.text.slice(this.at + 3, close))
      const expression = { parts: inner.toEnd() }
      this.at = close + 2
      return { is: 'arithmetic', expression, quoted }
    }
    if (this.text.startsWith('$(', this.at)) {
      this.at += 2
      const body = this.list()
      this.take(')')
      return { is: 'command', body, quoted }
    }
    if (this.text.startsWith('${', this.at)) return this.braced(quoted)
    const name = SPECIAL_NAME.exec(this.text.slice(this.at + 1))?.[0]
    this.at += 1 + (name?.length ?? 0)
    return name === undefined ? { is: 'text', text: '$', quoted } : { is: 'variable', name, operator: '', operand: null, quoted }
  }

  /** All of it as a list. */
  whole(): List {
    const list = this.list()
    this.skipSpace(true)
    if (this.at < this.text.length) throw this.unexpected()
    return list
  }

  protected toEnd(): WordPart[] {
    const parts: WordPart[] = []
    while (this.at < this.text.length) {
      const letter = this.text[this.at] as string
      if (letter === '$' || letter === '`') parts.push(this.expansion(true))
      else {
        parts.push({ is: 'text', text: letter, quoted: true })
        this.at++
      }
    }
    return parts
  }

  protected closingArithmetic(): number {
    let depth = 0
    for (let i = this.at + 3; i < this.text.length; i++) {
      if (this.text[i] === '(') depth++
      else if (this.text[i] === ')') {
        if (depth === 0 && this.text[i + 1] === ')') return i
        depth--
      }
    }
    throw new ShellSyntaxError("missing '))'", true)
  }

  protected braced(quoted: boolean): WordPart {
    this.at += 2
    const rest = this.text.slice(this.at)
    const length = /^#([A-Za-z_]\w*|[0-9@*])\}/.exec(rest)
    if (length) {
      this.at += length[0].length
      return { is: 'variable', name: length[1] as string, operator: 'length', operand: null, quoted }
    }
    const name = SPECIAL_NAME.exec(rest)?.[0]
    if (name === undefined) throw new ShellSyntaxError('bad substitution')
    this.at += name.length
    const operator = EXPANSION_OPERATOR.exec(this.text.slice(this.at))?.[0] ?? ''
    this.at += operator.length
    const operand = operator === '' ? null : { parts: this.bracedOperand(quoted) }
    if (this.text[this.at] !== '}')
      throw new ShellSyntaxError(this.at >= this.text.length ? "missing '}'" : 'bad substitution', this.at >= this.text.length)
    this.at++
    return { is: 'variable', name, operator, operand, quoted }
  }

  protected bracedOperand(quoted: boolean): WordPart[] {
    const parts: WordPart[] = []
    while (this.at < this.text.length && this.text[this.at] !== '}') {
      const letter = this.text[this.at] as string
      if (letter === '"') parts.push(...this.doubleQuoted())
      else if (letter === "'" && !quoted) parts.push({ is: 'text', text: this.upTo("'"), quoted: true })
      else if (letter === '$' || letter === '`') parts.push(this.expansion(quoted))
      else {
        parts.push({ is: 'text', text: letter, quoted })
        this.at++
      }
    }
    return parts
  }

  /** A here-document, whose text begins on the next line. */
  protected hereDocument(indented: boolean): Redirect {
    const { parts } = this.word()
    const end = parts.map((part) => (part.is === 'text' ? part.text : '')).join('')
    const redirect: Redirect = { from: 0, mode: 'text', target: { parts: [] } }
    this.documents.push({ redirect, end, indented, literal: parts.some((part) => part.is === 'text' && part.quoted) })
    return redirect
  }

  /** At the begin of a line: the here-documents that were announced on the one before. */
  protected readDocuments(): void {
    for (const { redirect, end, indented, literal } of this.documents.splice(0)) {
      let text = ''
      for (;;) {
        if (this.at >= this.text.length) throw new ShellSyntaxError('unterminated here document', true)
        const stop = this.text.indexOf('\n', this.at)
        const raw = this.text.slice(this.at, stop < 0 ? undefined : stop)
        this.at = stop < 0 ? this.text.length : stop + 1
        const line = indented ? raw.replace(/^\t+/, '') : raw
        if (line === end) break
        text += `${line}\n`
      }
      redirect.target = { parts: literal ? [{ is: 'text', text, quoted: true }] : this.reader(text).toEnd() }
    }
  }

  protected skipSpace(newlines: boolean): void {
    for (;;) {
      if (newlines && this.documents.length > 0) {
        this.at += /^[ \t]*/.exec(this.text.slice(this.at))?.[0].length ?? 0
        if (this.text[this.at] === '\n') {
          this.at++
          this.readDocuments()
        }
      }
      const space = (newlines ? /^(?:[ \t\r\n]|\\\n)+/ : /^(?:[ \t\r]|\\\n)+/).exec(this.text.slice(this.at))?.[0]
      this.at += space?.length ?? 0
      if (this.text[this.at] !== '#') return
      while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      if (!newlines) return
    }
  }

  protected peekOperator(): string | null {
    return OPERATOR.exec(this.text.slice(this.at))?.[0] ?? null
  }

  protected peekWord(): string {
    return /^[^\s;&|()<>]+/.exec(this.text.slice(this.at))?.[0] ?? ''
  }

  protected takeIf(letter: string): boolean {
    if (this.text[this.at] !== letter) return false
    this.at++
    return true
  }

  protected take(letter: string): void {
    this.skipSpace(true)
    if (!this.takeIf(letter)) throw this.unexpected(letter)
  }

  protected unexpected(expecting?: string): ShellSyntaxError {
    const end = this.at >= this.text.length
    const found = end ? 'end of file' : this.text[this.at] === '\n' ? 'newline' : `"${this.peekOperator() ?? this.peekWord()}"`
    return new ShellSyntaxError(`unexpected ${found}${expecting === undefined ? '' : ` (expecting "${expecting}")`}`, end)
  }
}
