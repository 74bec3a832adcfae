/** Reads a shell's text into {@link Script}. Throws {@link ShellSyntaxError} in busybox's words, and IncompleteCommand where only the end is missing. */
import {
  type AndOr,
  type Command,
  IncompleteCommand,
  type Part,
  type Pipeline,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type Word,
} from './syntax.ts'

const RESERVED = new Set(['if', 'then', 'else', 'elif', 'fi', 'do', 'done', 'case', 'esac', 'while', 'until', 'for', '{', '}', '!', 'in'])
const OPERATOR = /^(?:&&|\|\||;;|<<-|<<<|<<|>>|>\||<&|>&|<>|&>|\n|[;&|()<>])/
const NAME = /^[A-Za-z_]\w*/

interface Pending {
  redirect: Redirect
  end: string
  strip: boolean
  quoted: boolean
}

class Parser {
  private readonly text: string
  private at = 0
  private line = 1
  private here: Pending[] = []

  constructor(text: string) {
    this.text = text
  }

  script(): Script {
    const script = this.list([])
    if (this.here.length > 0) this.readHere()
    if (this.at < this.text.length) throw this.unexpected()
    return script
  }

  // --- words and tokens

  private blanks(): void {
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

  private operator(): string | null {
    this.blanks()
    return OPERATOR.exec(this.text.slice(this.at, this.at + 3))?.[0] ?? null
  }

  private take(operator: string): boolean {
    if (this.operator() !== operator) return false
    this.at += operator.length
    if (operator === '\n') this.newline()
    return true
  }

  private newline(): void {
    this.line++
    if (this.here.length > 0) this.readHere()
  }

  private lines(): void {
    while (this.take('\n'));
  }

  /** The word that comes next where it is plain: a reserved word or a name. */
  private peekWord(): string | null {
    this.blanks()
    return /^[^\s;&|()<>'"\\$`]+(?=$|[\s;&|()<>])/.exec(this.text.slice(this.at))?.[0] ?? null
  }

  private takeWord(word: string): boolean {
    if (this.peekWord() !== word) return false
    this.at += word.length
    return true
  }

  private expect(word: string): void {
    this.blanks()
    if (!this.takeWord(word)) throw this.unexpected(word)
  }

  private unexpected(expected?: string): ShellSyntaxError {
    const hint = expected === undefined ? '' : ` (expecting "${expected}")`
    this.blanks()
    if (this.at >= this.text.length) return new IncompleteCommand(`unexpected end of file${hint}`, this.line)
    const operator = this.operator()
    if (operator === '\n') return new ShellSyntaxError(`unexpected newline${hint}`, this.line)
    const word = operator ?? this.peekWord()
    if (operator === null && !(word && RESERVED.has(word))) return new ShellSyntaxError(`unexpected word${hint}`, this.line)
    return new ShellSyntaxError(`unexpected "${word}"${hint}`, this.line)
  }

  // --- commands

  private list(ends: string[]): Script {
    const script: Script = []
    for (;;) {
      this.lines()
      this.blanks()
      if (this.at >= this.text.length) return script
      const word = this.peekWord()
      if (word !== null && ends.includes(word)) return script
      const operator = this.operator()
      if (operator === ')' || operator === ';;') return script
      script.push(this.andOr())
      const last = script.at(-1) as AndOr
      if (this.take('&')) last.background = true
      else if (!this.take(';')) {
        const next = this.operator()
        if (next === '\n') continue
        if (this.at >= this.text.length || next === ')' || next === ';;') return script
        const following = this.peekWord()
        if (following !== null && ends.includes(following)) return script
        throw this.unexpected()
      }
    }
  }

  private andOr(): AndOr {
    const begin = this.at
    const first = this.pipeline()
    const rest: AndOr['rest'] = []
    for (;;) {
      const operator = this.operator()
      if (operator !== '&&' && operator !== '||') return { first, rest, background: false, source: this.text.slice(begin, this.at).trim() }
      this.at += 2
      this.lines()
      rest.push({ operator, pipeline: this.pipeline() })
    }
  }

  private pipeline(): Pipeline {
    const negated = this.takeWord('!')
    const commands = [this.command()]
    while (this.operator() === '|') {
      this.at++
      this.lines()
      commands.push(this.command())
    }
    return { negated, commands }
  }

  private command(): Command {
    this.blanks()
    const word = this.peekWord()
    switch (word) {
      case 'if':
        return this.conditional()
      case 'while':
      case 'until':
        return this.loop(word)
      case 'for':
        return this.each()
      case 'case':
        return this.choice()
      case '{': {
        this.at++
        const body = this.body('}')
        return { kind: 'group', body, redirects: this.redirects() }
      }
      default:
    }
    if (this.operator() === '(') {
      this.at++
      const body = this.list([])
      if (!this.take(')')) throw this.unexpected(')')
      return { kind: 'subshell', body, redirects: this.redirects() }
    }
    const name = /^([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)/.exec(this.text.slice(this.at))
    if (name && !RESERVED.has(name[1] as string)) {
      this.at += name[0].length
      this.lines()
      return { kind: 'function', name: name[1] as string, body: this.command() }
    }
    if (word !== null && RESERVED.has(word) && word !== 'in') throw this.unexpected()
    return this.simple()
  }

  /** A list that must not be empty, and the word that ends it. */
  private body(...ends: string[]): Script {
    const body = this.list(ends)
    const end = this.peekWord()
    if (end === null || !ends.includes(end)) throw this.unexpected(ends[0])
    if (body.length === 0) throw this.unexpected()
    if (ends.length === 1) this.at += end.length
    return body
  }

  private conditional(): Command {
    this.at += 2
    const branches: { condition: Script; body: Script }[] = []
    let otherwise: Script | null = null
    for (;;) {
      const condition = this.body('then')
      const body = this.body('fi', 'elif', 'else')
      branches.push({ condition, body })
      if (this.takeWord('elif')) continue
      if (this.takeWord('else')) otherwise = this.body('fi')
      else this.expect('fi')
      return { kind: 'if', branches, otherwise, redirects: this.redirects() }
    }
  }

  private loop(word: string): Command {
    this.at += word.length
    const condition = this.body('do')
    return { kind: 'loop', until: word === 'until', condition, body: this.body('done'), redirects: this.redirects() }
  }

  private each(): Command {
    this.at += 3
    this.blanks()
    const name = NAME.exec(this.text.slice(this.at))?.[0]
    if (!name) throw new ShellSyntaxError('bad for loop variable', this.line)
    this.at += name.length
    this.lines()
    let words: Word[] | null = null
    if (this.takeWord('in')) {
      words = []
      for (;;) {
        this.blanks()
        if (this.at >= this.text.length || this.operator() !== null) break
        words.push(this.word())
      }
    }
    this.take(';')
    this.lines()
    this.expect('do')
    return { kind: 'for', name, words, body: this.body('done'), redirects: this.redirects() }
  }

  private choice(): Command {
    this.at += 4
    this.blanks()
    const word = this.word()
    this.lines()
    this.expect('in')
    const items: { patterns: Word[]; body: Script }[] = []
    for (;;) {
      this.lines()
      if (this.takeWord('esac')) break
      this.take('(')
      const patterns: Word[] = []
      do {
        this.blanks()
        if (this.operator() !== null || this.at >= this.text.length) throw this.unexpected(')')
        patterns.push(this.word())
      } while (this.take('|'))
      if (!this.take(')')) throw this.unexpected(')')
      items.push({ patterns, body: this.list(['esac']) })
      if (!this.take(';;') && this.peekWord() !== 'esac') throw this.unexpected(';;')
    }
    return { kind: 'case', word, items, redirects: this.redirects() }
  }

  private simple(): Command {
    const { line } = this
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      this.blanks()
      if (this.at >= this.text.length) break
      const redirect = this.redirect()
      if (redirect) {
        redirects.push(redirect)
        continue
      }
      if (this.operator() !== null) break
      const name = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at)) : null
      if (name) {
        this.at += name[0].length
        assignments.push({ name: name[1] as string, value: this.word() })
      } else words.push(this.word())
    }
    if (assignments.length + words.length + redirects.length === 0) throw this.unexpected()
    return { kind: 'simple', assignments, words, redirects, line }
  }

  private redirects(): Redirect[] {
    const found: Redirect[] = []
    for (;;) {
      this.blanks()
      const redirect = this.redirect()
      if (!redirect) return found
      found.push(redirect)
    }
  }

  private redirect(): Redirect | null {
    const match = /^(\d*)(<<-|<<<|<<|>>|>\||<&|>&|<>|&>|<|>)/.exec(this.text.slice(this.at))
    if (!match) return null
    const [all, number = '', operator = ''] = match
    this.at += all.length
    this.blanks()
    if (this.at >= this.text.length || this.text[this.at] === '\n') throw this.unexpected()
    const begin = this.at
    const word = this.word()
    const redirect: Redirect = { descriptor: number === '' ? (operator.startsWith('<') ? 0 : 1) : Number(number), operator, word }
    if (operator === '<<' || operator === '<<-') {
      const raw = this.text.slice(begin, this.at)
      this.here.push({ redirect, end: raw.replace(/['"\\]/g, ''), strip: operator === '<<-', quoted: /['"\\]/.test(raw) })
    } else if (operator === '<<<') {
      redirect.operator = '<<'
      redirect.word = [...word, { kind: 'text', text: '\n', quoted: true }]
    }
    return redirect
  }

  private readHere(): void {
    for (const { redirect, end, strip, quoted } of this.here.splice(0)) {
      let text = ''
      for (;;) {
        if (this.at >= this.text.length) break
        const stop = this.text.indexOf('\n', this.at)
        const raw = this.text.slice(this.at, stop < 0 ? undefined : stop)
        this.at = stop < 0 ? this.text.length : stop + 1
        this.line++
        const line = strip ? raw.replace(/^\t+/, '') : raw
        if (line === end) {
          text += ''
          redirect.operator = '<<'
          break
        }
        text += `${line}\n`
        if (stop < 0) throw new IncompleteCommand('unexpected end of file', this.line)
      }
      redirect.operator = '<<'
      redirect.word = quoted ? [{ kind: 'text', text, quoted: true }] : new Parser(text).hereText()
    }
  }

  /** The text of a here-document: as between double quotes, but that quotes mean nothing. */
  hereText(): Word {
    return this.parts(() => false, true)
  }

  // --- the inside of a word

  private word(): Word {
    const word: Word = []
    while (this.at < this.text.length) {
      const letter = this.text[this.at] as string
      if (/[\s;&|()<>]/.test(letter)) break
      if (letter === "'") {
        const close = this.text.indexOf("'", this.at + 1)
        if (close < 0) throw new IncompleteCommand('unterminated quoted string', this.line)
        const text = this.text.slice(this.at + 1, close)
        this.line += text.split('\n').length - 1
        word.push({ kind: 'text', text, quoted: true })
        this.at = close + 1
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
  private parts(ends: (letter: string) => boolean, here: boolean): Word {
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

  private dollar(quoted: boolean): Part {
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
      return { kind: 'command', script: new Parser(inner).script(), quoted }
    }
    if (rest.startsWith('$((')) {
      const end = this.arithmeticEnd()
      if (end !== null) {
        const inner = this.text.slice(this.at + 3, end)
        this.at = end + 2
        return { kind: 'arithmetic', word: new Parser(inner).hereText(), quoted }
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
  private arithmeticEnd(): number | null {
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

  private braces(quoted: boolean): Part {
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

  private quotedPiece(letter: string): Word {
    if (letter === '\\') {
      const text = this.text[this.at + 1] ?? ''
      this.at += 2
      return [{ kind: 'text', text, quoted: true }]
    }
    if (letter === "'") {
      const close = this.text.indexOf("'", this.at + 1)
      if (close < 0) throw new IncompleteCommand('unterminated quoted string', this.line)
      const text = this.text.slice(this.at + 1, close)
      this.at = close + 1
      return [{ kind: 'text', text, quoted: true }]
    }
    this.at++
    const inside = this.parts((next) => next === '"', false)
    if (this.text[this.at] !== '"') throw new IncompleteCommand('unterminated quoted string', this.line)
    this.at++
    return inside
  }
}

export function parseScript(text: string): Script {
  return new Parser(text).script()
}
