/** Reads a shell's text piece by piece: tokens, words and what stands in them. parser.ts makes commands of it. */
import { IncompleteCommand, type Part, type Script, ShellSyntaxError, type Word } from './syntax.ts'

export const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
])
const OPERATOR = /^(?:&&|\|\||;;|<<-|<<<|<<|>>|>\||<&|>&|<>|&>|\n|[;&|()<>])/

export abstract class WordReader {
  protected readonly text: string
  protected at = 0
  protected line = 1

  constructor(text: string) {
    this.text = text
  }

  /** All of the text. */
  abstract script(): Script
  /** Commands up to a word that ends them. */
  protected abstract list(ends: string[]): Script
  /** A newline was passed. */
  protected abstract newline(): void
  /** A reader for a text within the text. */
  protected abstract nested(text: string): WordReader

  protected blanks(): void {
    for (;;) {
      const letter = this.text[this.at]
      if (letter === ' ' || letter === '\t' || letter === '\r') this.at++
      else if (letter === '\\' && this.text[this.at + 1] === '\n') {
        this.at += 2
        this.line++
      } else if (letter === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else return
    }
  }

  protected operator(): string | null {
    this.blanks()
    return OPERATOR.exec(this.text.slice(this.at, this.at + 3))?.[0] ?? null
  }

  protected take(operator: string): boolean {
    if (this.operator() !== operator) return false
    this.at += operator.length
    if (operator === '\n') this.newline()
    return true
  }

  protected lines(): void {
    while (this.take('\n'));
  }

  /** The word that comes next where it is plain: a reserved word or a name. */
  protected peekWord(): string | null {
    this.blanks()
    return /^[^\s;&|()<>'"\\$`]+(?=$|[\s;&|()<>])/.exec(this.text.slice(this.at))?.[0] ?? null
  }

  protected takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false
    this.at += word.length
    return true
  }

  protected expect(word: string): void {
    this.blanks()
    if (!this.takeWord(word)) throw this.unexpected(word)
  }

  protected unexpected(expected?: string): ShellSyntaxError {
    const hint = expected === undefined ? '' : ` (expecting "${expected}")`
    this.blanks()
    if (this.at >= this.text.length) return new IncompleteCommand(`unexpected end of file${hint}`, this.line)
    const operator = this.operator()
    if (operator === '\n') return new ShellSyntaxError(`unexpected newline${hint}`, this.line)
    const word = operator ?? this.peekWord()
    if (operator === null && !(word && RESERVED.has(word))) return new ShellSyntaxError(`unexpected word${hint}`, this.line)
    return new ShellSyntaxError(`unexpected "${word}"${hint}`, this.line)
  }

  /** The text of a here-document: as between double quotes, but that quotes mean nothing. */
  hereText(): Word {
    return this.parts(() => false, true)
  }

  // --- the inside of a word

  protected word(): Word {
    const word: Word = []
    while (this.at < this.text.length) {
      const letter = this.text[this.at] as string
      if (/[\s;&|()<>]/.test(letter)) break
      if (letter === "'") {
        const text = this.singleQuoted()
        this.line += text.split('\n').length - 1
        word.push({ kind: 'text', text, quoted: true })
      } else if (letter === '"') {
        this.at++
        const inside = this.parts((next) => next === '"', false)
        if (this.text[this.at] !== '"') throw new IncompleteCommand('unterminated quoted string', this.line)
        this.at++
        word.push(...(inside.length > 0 ? inside : [{ kind: 'text' as const, text: '', quoted: true }]))
      } else if (letter === '\\') {
        const next = this.text[this.at + 1]
        this.at += 2
        if (next === '\n') this.line++
        else if (next !== undefined) word.push({ kind: 'text', text: next, quoted: true })
      } else if (letter === '$' || letter === '`') word.push(this.dollar(false))
      else {
        const plain = (/^[^\s;&|()<>'"\\$`]+/.exec(this.text.slice(this.at)) as RegExpExecArray)[0]
        word.push({ kind: 'text', text: plain, quoted: false })
        this.at += plain.length
      }
    }
    return word
  }

  /** Quoted text with what a dollar brings, up to an end. */
  protected parts(ends: (letter: string) => boolean, here: boolean): Word {
    const word: Word = []
    let text = ''
    const flush = (): void => {
      if (text !== '') word.push({ kind: 'text', text, quoted: true })
      text = ''
    }
    while (this.at < this.text.length) {
      const letter = this.text[this.at] as string
      if (ends(letter)) break
      if (letter === '\\') {
        const next = this.text[this.at + 1] ?? ''
        this.at += 2
        if (next === '\n') this.line++
        else text += '$`\\'.includes(next) || (next === '"' && !here) ? next : `\\${next}`
      } else if (letter === '$' || letter === '`') {
        flush()
        word.push(this.dollar(true))
      } else {
        if (letter === '\n') this.line++
        text += letter
        this.at++
      }
    }
    flush()
    return word
  }

  protected dollar(quoted: boolean): Part {
    const rest = this.text.slice(this.at)
    if (rest.startsWith('`')) {
      let inner = ''
      let at = this.at + 1
      for (; at < this.text.length && this.text[at] !== '`'; at++) {
        if (this.text[at] === '\\' && '$`\\'.includes(this.text[at + 1] ?? ' ')) at++
        inner += this.text[at]
      }
      if (at >= this.text.length) throw new IncompleteCommand('EOF in backquote substitution', this.line)
      this.at = at + 1
      return { kind: 'command', script: this.nested(inner).script(), quoted }
    }
    if (rest.startsWith('$((')) {
      const end = this.arithmeticEnd()
      if (end !== null) {
        const inner = this.text.slice(this.at + 3, end)
        this.at = end + 2
        return { kind: 'arithmetic', word: this.nested(inner).hereText(), quoted }
      }
    }
    if (rest.startsWith('$(')) {
      this.at += 2
      const script = this.list([])
      if (!this.take(')')) throw this.unexpected(')')
      return { kind: 'command', script, quoted }
    }
    if (rest.startsWith('${')) return this.braces(quoted)
    const name = /^\$([A-Za-z_]\w*|[0-9@*#?$!-])/.exec(rest)?.[1]
    this.at += 1 + (name?.length ?? 0)
    if (name === undefined) return { kind: 'text', text: '$', quoted }
    return { kind: 'parameter', name, length: false, operator: '', word: null, quoted }
  }

  /** Where the `))` of a `$((` stands; null where it is a subshell in a substitution. */
  protected arithmeticEnd(): number | null {
    let depth = 0
    for (let at = this.at + 3; at < this.text.length; at++) {
      const letter = this.text[at]
      if (letter === '(') depth++
      else if (letter === ')') {
        if (depth === 0) return this.text[at + 1] === ')' ? at : null
        depth--
      }
    }
    throw new IncompleteCommand('unexpected end of file (expecting "))")', this.line)
  }

  protected braces(quoted: boolean): Part {
    this.at += 2
    const bad = (): ShellSyntaxError => new ShellSyntaxError('bad substitution', this.line)
    const length = /^#(?=[A-Za-z_0-9@*])/.test(this.text.slice(this.at))
    if (length) this.at++
    const name = /^([A-Za-z_]\w*|\d+|[@*#?$!-])/.exec(this.text.slice(this.at))?.[0]
    if (name === undefined) throw bad()
    this.at += name.length
    const operator = /^(:?[-=?+]|##?|%%?|\/\/?|\^\^?|,,?|:)/.exec(this.text.slice(this.at))?.[0] ?? ''
    this.at += operator.length
    const word: Word = []
    if (operator !== '') {
      while (this.at < this.text.length && this.text[this.at] !== '}') {
        const letter = this.text[this.at] as string
        if (letter === '\\' || letter === '$' || letter === '`' || letter === "'" || letter === '"') {
          if (quoted && letter === "'") {
            word.push({ kind: 'text', text: letter, quoted: true })
            this.at++
          } else if (letter === '$' || letter === '`') word.push(this.dollar(quoted))
          else word.push(...this.quotedPiece(letter))
        } else {
          word.push({ kind: 'text', text: letter, quoted: false })
          this.at++
        }
      }
    }
    if (this.at >= this.text.length) throw new IncompleteCommand('unexpected end of file (expecting "}")', this.line)
    if (this.text[this.at] !== '}') throw bad()
    this.at++
    return { kind: 'parameter', name, length, operator, word: operator === '' ? null : word, quoted }
  }

  /** What stands between the quote here and the next one. */
  private singleQuoted(): string {
    const close = this.text.indexOf("'", this.at + 1)
    if (close < 0) throw new IncompleteCommand('unterminated quoted string', this.line)
    const text = this.text.slice(this.at + 1, close)
    this.at = close + 1
    return text
  }

  protected quotedPiece(letter: string): Word {
    if (letter === '\\') {
      const text = this.text[this.at + 1] ?? ''
      this.at += 2
      return [{ kind: 'text', text, quoted: true }]
    }
    if (letter === "'") return [{ kind: 'text', text: this.singleQuoted(), quoted: true }]
    this.at++
    const inside = this.parts((next) => next === '"', false)
    if (this.text[this.at] !== '"') throw new IncompleteCommand('unterminated quoted string', this.line)
    this.at++
    return inside
  }
}
