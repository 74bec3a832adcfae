/** Reads a shell's text into {@link Script}. Throws {@link ShellSyntaxError} in busybox's words, and IncompleteCommand where only the end is missing. */
import {
  type AndOr,
  type Command,
  IncompleteCommand,
  type Pipeline,
  type Redirect,
  type Script,
  ShellSyntaxError,
  type Word,
} from './syntax.ts'
import { RESERVED, WordReader } from './word-reader.ts'

const NAME = /^[A-Za-z_]\w*/

interface Pending {
  redirect: Redirect
  end: string
  strip: boolean
  quoted: boolean
}

class Parser extends WordReader {
  private here: Pending[] = []

  protected newline(): void {
    this.line++
    if (this.here.length > 0) this.readHere()
  }

  protected nested(text: string): Parser {
    return new Parser(text)
  }

  script(): Script {
    const script = this.list([])
    if (this.here.length > 0) this.readHere()
    if (this.at < this.text.length) throw this.unexpected()
    return script
  }

  // --- commands

  protected list(ends: string[]): Script {
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
        if (line === end) break
        text += `${line}\n`
        if (stop < 0) throw new IncompleteCommand('unexpected end of file', this.line)
      }
      redirect.operator = '<<'
      redirect.word = quoted ? [{ kind: 'text', text, quoted: true }] : new Parser(text).hereText()
    }
  }
}

export function parseScript(text: string): Script {
  return new Parser(text).script()
}
