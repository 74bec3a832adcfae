/** Takes scripts apart. */
import type { Command, Item, List, Pipeline, Redirect, Word } from './grammar.ts'
import { ShellSyntaxError } from './grammar.ts'
import { WordReader } from './words.ts'

const NAME = /^[A-Za-z_]\w*/
/** Words that end a list where the grammar waits for them. */
const CLOSING = new Set(['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'])

/** Takes a script apart. Throws {@link ShellSyntaxError} in busybox's words. */
export function parseScript(text: string): List {
  return new Parser(text).whole()
}

class Parser extends WordReader {
  protected reader(text: string): WordReader {
    return new Parser(text)
  }

  protected list(): List {
    const items: List = []
    let when: Item['when'] = ';'
    for (;;) {
      this.skipSpace(true)
      if (
        this.at >= this.text.length ||
        this.text[this.at] === ')' ||
        this.text.startsWith(';;', this.at) ||
        CLOSING.has(this.peekWord())
      ) {
        if (when !== ';') throw this.unexpected()
        return items
      }
      const item: Item = { when, pipeline: this.pipeline(), background: false }
      items.push(item)
      this.skipSpace(false)
      const operator = this.peekOperator()
      when = ';'
      if (operator === '&&' || operator === '||') {
        when = operator
        this.at += 2
      } else if (operator === '&') {
        item.background = true
        this.at++
      } else if (operator === ';' || operator === '\n') {
        this.at++
        if (operator === '\n') this.readDocuments()
      }
    }
  }

  private pipeline(): Pipeline {
    let negated = false
    while (this.peekWord() === '!') {
      this.at++
      negated = !negated
      this.skipSpace(false)
    }
    const commands = [this.command()]
    for (;;) {
      this.skipSpace(false)
      if (this.peekOperator() !== '|') return { negated, commands }
      this.at++
      this.skipSpace(true)
      commands.push(this.command())
    }
  }

  private command(): Command {
    this.skipSpace(false)
    if (this.text[this.at] === '(') {
      this.at++
      const body = this.list()
      this.take(')')
      return { is: 'subshell', body, redirects: this.redirects() }
    }
    switch (this.peekWord()) {
      case '{':
        return this.group()
      case 'if':
        return this.conditional()
      case 'while':
      case 'until':
        return this.loop()
      case 'for':
        return this.forLoop()
      case 'case':
        return this.caseOf()
      default:
        return this.simple()
    }
  }

  private group(): Command {
    this.takeWord('{')
    const body = this.list()
    this.takeWord('}')
    return { is: 'group', body, redirects: this.redirects() }
  }

  private conditional(): Command {
    const branches: { condition: List; body: List }[] = []
    this.at += 2
    for (;;) {
      const condition = this.nonEmptyList('then')
      this.takeWord('then')
      branches.push({ condition, body: this.nonEmptyList('fi') })
      if (this.peekWord() !== 'elif') break
      this.at += 4
    }
    let otherwise: List | null = null
    if (this.peekWord() === 'else') {
      this.at += 4
      otherwise = this.nonEmptyList('fi')
    }
    this.takeWord('fi')
    return { is: 'if', branches, otherwise, redirects: this.redirects() }
  }

  private loop(): Command {
    const until = this.peekWord() === 'until'
    this.at += 5
    const condition = this.nonEmptyList('do')
    return { is: 'loop', until, condition, body: this.doBody(), redirects: this.redirects() }
  }

  private doBody(): List {
    this.skipSpace(true)
    this.takeWord('do')
    const body = this.nonEmptyList('done')
    this.takeWord('done')
    return body
  }

  private forLoop(): Command {
    this.at += 3
    this.skipSpace(false)
    const name = NAME.exec(this.text.slice(this.at))?.[0]
    if (name === undefined) throw new ShellSyntaxError('bad for loop variable')
    this.at += name.length
    this.skipSpace(true)
    let words: Word[] | null = null
    if (this.peekWord() === 'in') {
      this.at += 2
      words = []
      for (this.skipSpace(false); this.peekOperator() === null && this.at < this.text.length; this.skipSpace(false)) words.push(this.word())
    }
    this.skipSpace(false)
    if (this.peekOperator() === ';') this.at++
    return { is: 'for', name, words, body: this.doBody(), redirects: this.redirects() }
  }

  private caseOf(): Command {
    this.at += 4
    this.skipSpace(false)
    const subject = this.word()
    this.skipSpace(true)
    this.takeWord('in')
    const branches: { patterns: Word[]; body: List }[] = []
    for (;;) {
      this.skipSpace(true)
      if (this.peekWord() === 'esac') break
      if (this.text[this.at] === '(') this.at++
      const patterns: Word[] = []
      do {
        this.skipSpace(false)
        patterns.push(this.word())
        this.skipSpace(false)
      } while (this.takeIf('|'))
      this.take(')')
      branches.push({ patterns, body: this.list() })
      this.skipSpace(true)
      if (this.text.startsWith(';;', this.at)) this.at += 2
    }
    this.takeWord('esac')
    return { is: 'case', subject, branches, redirects: this.redirects() }
  }

  private simple(): Command {
    const command: Command = { is: 'simple', assignments: [], words: [], redirects: [] }
    const start = this.at
    for (;;) {
      this.skipSpace(false)
      const redirect = this.redirect()
      if (redirect) {
        command.redirects.push(redirect)
        continue
      }
      if (this.at >= this.text.length || this.peekOperator() !== null) {
        if (this.text[this.at] === '(' && command.words.length === 1) return this.functionBody(command.words[0] as Word)
        if (this.at === start || (command.words.length === 0 && command.assignments.length === 0 && command.redirects.length === 0)) {
          throw this.unexpected()
        }
        return command
      }
      const assigned = command.words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at)) : null
      if (assigned) {
        this.at += assigned[0].length
        const empty = this.at >= this.text.length || /\s/.test(this.text[this.at] as string) || this.peekOperator() !== null
        command.assignments.push({ name: assigned[1] as string, value: empty ? { parts: [] } : this.word() })
      } else command.words.push(this.word())
    }
  }

  private functionBody(name: Word): Command {
    this.take('(')
    this.skipSpace(false)
    this.take(')')
    this.skipSpace(true)
    return {
      is: 'function',
      name: name.parts.map((part) => (part.is === 'text' ? part.text : '')).join(''),
      body: this.command(),
      redirects: [],
    }
  }

  private redirects(): Redirect[] {
    const found: Redirect[] = []
    for (;;) {
      this.skipSpace(false)
      const redirect = this.redirect()
      if (!redirect) return found
      found.push(redirect)
    }
  }

  private redirect(): Redirect | null {
    const document = /^<<(-?)[ \t]*/.exec(this.text.slice(this.at))
    if (document) {
      this.at += document[0].length
      return this.hereDocument(document[1] === '-')
    }
    const match = /^([012])?(>&|>>|>\|?|<(?!<))/.exec(this.text.slice(this.at))
    if (!match) return null
    this.at += match[0].length
    const operator = match[2] as string
    this.skipSpace(false)
    if (this.at >= this.text.length || this.peekOperator() !== null) throw this.unexpected()
    const from = (match[1] === undefined ? (operator === '<' ? 0 : 1) : Number(match[1])) as 0 | 1 | 2
    const mode = operator === '<' ? 'read' : operator === '>&' ? 'dup' : operator === '>>' ? 'append' : 'write'
    return { from, mode, target: this.word() }
  }

  private nonEmptyList(expecting: string): List {
    const list = this.list()
    if (list.length === 0 && this.at < this.text.length) throw this.unexpected()
    if (this.at >= this.text.length) throw this.unexpected(expecting)
    return list
  }

  private takeWord(word: string): void {
    this.skipSpace(true)
    if (this.peekWord() !== word) throw this.unexpected(word)
    this.at += word.length
  }
}
