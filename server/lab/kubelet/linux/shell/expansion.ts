/** Words of a command as the fields that it gets: parameters, substitutions, arithmetic, splitting, patterns (POSIX, section 2.6). */
import type { Routine } from '../../kernel/routine.ts'
import { ArithmeticError, evaluate } from './arithmetic.ts'
import { escapePattern, glob, hasWildcard, literalOf, matches, patternSource } from '../patterns.ts'
import type { Expansion, RunningShell } from './running-shell.ts'
import type { Part, Word } from './syntax.ts'

/** A word that cannot be expanded: the command does not run. */
export class ExpansionError extends Error {}

class Fields {
  readonly fields: string[] = []
  private current = ''
  private started = false

  quoted(text: string): void {
    this.current += escapePattern(text)
    this.started = true
  }

  plain(text: string): void {
    if (text === '') return
    this.current += text
    this.started = true
  }

  split(text: string, separators: string): void {
    const escaped = text.replaceAll('\\', '\\\\')
    let begin = 0
    let at = 0
    for (const letter of escaped) {
      at += letter.length
      if (!separators.includes(letter)) continue
      this.plain(escaped.slice(begin, at - letter.length))
      if (!' \t\n'.includes(letter)) this.started = true
      this.next()
      begin = at
    }
    this.plain(escaped.slice(begin))
  }

  next(): void {
    if (this.started) this.fields.push(this.current)
    this.current = ''
    this.started = false
  }

  end(): string[] {
    this.next()
    return this.fields
  }
}

export class Expander implements Expansion {
  private readonly shell: RunningShell

  constructor(shell: RunningShell) {
    this.shell = shell
  }

  *words(words: readonly Word[]): Routine<string[]> {
    const result: string[] = []
    for (const word of words) {
      for (const one of this.shell.flavour === 'bash' ? braces(word) : [word]) {
        const [only] = one
        if (one.length === 1 && only?.kind === 'text' && !only.quoted && !/[*?[~\\]/.test(only.text)) {
          result.push(only.text)
          continue
        }
        const fields = new Fields()
        yield* this.parts(one, fields)
        for (const pattern of fields.end()) {
          const found =
            hasWildcard(pattern) && !this.shell.options.has('f') ? glob(this.shell.machine.files, pattern, this.shell.process.cwd) : []
          if (found.length > 0) result.push(...found)
          else result.push(literalOf(pattern))
        }
      }
    }
    return result
  }

  *text(word: Word): Routine<string> {
    return literalOf(yield* this.pattern(word))
  }

  *pattern(word: Word): Routine<string> {
    let pattern = ''
    const parts = this.tilde(word)
    for (const part of parts) {
      if (part.kind === 'text') {
        pattern += part.quoted ? escapePattern(part.text) : part.text
        continue
      }
      const value = yield* this.value(part)
      const joined = value.join(part.kind === 'parameter' && part.name === '*' ? (this.shell.get('IFS') ?? ' ').slice(0, 1) : ' ')
      pattern += part.quoted ? escapePattern(joined) : joined.replaceAll('\\', '\\\\')
    }
    return pattern
  }

  private *parts(word: Word, fields: Fields): Routine<void> {
    const separators = this.shell.get('IFS') ?? ' \t\n'
    for (const part of this.tilde(word)) {
      if (part.kind === 'text') {
        if (part.quoted) fields.quoted(part.text)
        else fields.plain(part.text)
        continue
      }
      if (part.kind === 'parameter' && part.word && !part.quoted && /^:?[-+]$/.test(part.operator)) {
        const value = this.lookup(part.name)
        const present = value !== undefined && !(part.operator.startsWith(':') && value.join('') === '')
        if (part.operator.endsWith('-') !== present) {
          yield* this.parts(part.word, fields)
          continue
        }
      }
      const values = yield* this.value(part)
      if (part.quoted && !(part.kind === 'parameter' && part.name === '@'))
        fields.quoted(values.join(part.kind === 'parameter' && part.name === '*' ? separators.slice(0, 1) : ' '))
      else
        values.forEach((value, index) => {
          if (index > 0) fields.next()
          if (part.quoted) fields.quoted(value)
          else fields.split(value, separators)
        })
    }
  }

  private tilde(word: Word): Word {
    const [head, ...rest] = word
    if (head?.kind !== 'text' || head.quoted || !/^~(?=\/|$)/.test(head.text)) return word
    if (head.text === '~' && rest.length > 0 && !(rest[0]?.kind === 'text' && rest[0].text.startsWith('/'))) return word
    return [{ kind: 'text', text: this.shell.get('HOME') ?? '/root', quoted: true }, { ...head, text: head.text.slice(1) }, ...rest]
  }

  private lookup(name: string): string[] | undefined {
    const { shell } = this
    switch (name) {
      case '@':
      case '*':
        return shell.positional.length > 0 ? shell.positional : []
      case '#':
        return [String(shell.positional.length)]
      case '?':
        return [String(shell.lastCode)]
      case '$':
        return [String(shell.mainPid)]
      case '!':
        return shell.lastBackground === null ? undefined : [String(shell.lastBackground)]
      case '-':
        return [[...shell.options].join('')]
      case '0':
        return [shell.name]
      default: {
        const value = /^\d+$/.test(name) ? shell.positional[Number(name) - 1] : shell.get(name)
        return value === undefined ? undefined : [value]
      }
    }
  }

  private *value(part: Exclude<Part, { kind: 'text' }>): Routine<string[]> {
    const { shell } = this
    if (part.kind === 'command') return [(yield* shell.capture(part.script)).replace(/\n+$/, '')]
    if (part.kind === 'arithmetic') return [yield* this.arithmetic(yield* this.text(part.word))]
    const { name, operator, word } = part
    const values = this.lookup(name)
    const isList = name === '@' || name === '*'
    if (part.length) return [String(isList ? shell.positional.length : [...(values?.[0] ?? '')].length)]
    if (/^[,^]/.test(operator) && shell.flavour !== 'bash') throw new ExpansionError('bad substitution')
    if (operator === '') {
      if (values === undefined && shell.options.has('u'))
        throw new ExpansionError(shell.flavour === 'bash' ? `${name}: unbound variable` : `${name}: parameter not set`)
      return values ?? ['']
    }
    const set = values !== undefined && !(isList && values.length === 0)
    const present = set && !(operator.startsWith(':') && values.join('') === '')
    switch (operator.replace(/^:(?=.)/, '')) {
      case '-':
        return present ? values : [yield* this.text(word ?? [])]
      case '+':
        return present ? [yield* this.text(word ?? [])] : ['']
      case '=': {
        if (present) return values
        const value = yield* this.text(word ?? [])
        shell.set(name, value)
        return [value]
      }
      case '?': {
        if (present) return values
        const message = yield* this.text(word ?? [])
        throw new ExpansionError(
          `${name}: ${message || (shell.flavour === 'bash' ? 'parameter null or not set' : operator === '?' ? 'parameter not set' : 'parameter not set or null')}`,
        )
      }
      case ':': {
        const value = values?.join(' ') ?? ''
        const [offset = '', length] = (yield* this.text(word ?? [])).split(':')
        const letters = [...value]
        const begin = Number(yield* this.arithmetic(offset))
        const from = begin < 0 ? Math.max(0, letters.length + begin) : begin
        const count = length === undefined ? Infinity : Number(yield* this.arithmetic(length))
        return [letters.slice(from, count < 0 ? letters.length + count : from + count).join('')]
      }
      case '/':
      case '//': {
        const slash = (word ?? []).findIndex((each) => each.kind === 'text' && !each.quoted && each.text === '/')
        const cut = slash < 0 ? (word ?? []).length : slash
        const pattern = patternSource(yield* this.pattern((word ?? []).slice(0, cut)))
        const replacement = yield* this.text((word ?? []).slice(cut + 1))
        if (pattern === '') return values ?? ['']
        return (values ?? ['']).map((value) => value.replace(new RegExp(pattern, operator === '//' ? 'g' : ''), () => replacement))
      }
      case '^':
        return (values ?? ['']).map((value) => value.slice(0, 1).toUpperCase() + value.slice(1))
      case '^^':
        return (values ?? ['']).map((value) => value.toUpperCase())
      case ',':
        return (values ?? ['']).map((value) => value.slice(0, 1).toLowerCase() + value.slice(1))
      case ',,':
        return (values ?? ['']).map((value) => value.toLowerCase())
      default: {
        const pattern = yield* this.pattern(word ?? [])
        return (values ?? ['']).map((value) => trim(value, pattern, operator))
      }
    }
  }

  // eslint-disable-next-line require-yield
  *arithmetic(text: string): Routine<string> {
    const { shell } = this
    try {
      return String(
        evaluate(
          text,
          (name) => shell.get(name) ?? '',
          (name, value) => shell.set(name, value),
        ),
      )
    } catch (error) {
      if (!(error instanceof ArithmeticError)) throw error
      if (shell.flavour !== 'bash')
        throw new ExpansionError(
          shell.flavour === 'dash'
            ? `arithmetic expression: ${error.message === 'divide by zero' ? 'division by zero' : 'expecting primary'}: "${text}"`
            : error.message,
        )
      throw new ExpansionError(
        error.message === 'divide by zero'
          ? `${text.trim()}: division by 0 (error token is "0")`
          : `${text.trim()}: syntax error: operand expected (error token is "${text.trim()}")`,
      )
    }
  }
}

/** `#`, `##`, `%`, `%%`: the shortest or longest beginning or end that fits. */
function trim(value: string, pattern: string, operator: string): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, index) => index)
  const fromEnd = operator.startsWith('%')
  const longest = operator.length === 2
  for (const length of longest ? lengths.toReversed() : lengths) {
    const piece = fromEnd ? value.slice(value.length - length) : value.slice(0, length)
    if (matches(pattern, piece)) return fromEnd ? value.slice(0, value.length - length) : value.slice(length)
  }
  return value
}

/** bash's `{1..3}` and `{a,b}`, where they stand unquoted. */
function braces(word: Word): Word[] {
  const index = word.findIndex((part) => part.kind === 'text' && !part.quoted && /\{[^{}]*(?:,|\.\.)[^{}]*\}/.test(part.text))
  const part = word[index]
  if (part?.kind !== 'text') return [word]
  const [all, inside = ''] = /\{([^{}]*)\}/.exec(part.text) as RegExpExecArray
  const at = part.text.indexOf(all)
  const range = /^(-?\d+)\.\.(-?\d+)$/.exec(inside)
  if (!range && !inside.includes(',')) return [word]
  const from = Number(range?.[1])
  const to = Number(range?.[2])
  const choices = range ? Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => String(from + (to < from ? -i : i))) : inside.split(',')
  return choices.flatMap((choice) => {
    const text = part.text.slice(0, at) + choice + part.text.slice(at + all.length)
    return braces([...word.slice(0, index), { ...part, text }, ...word.slice(index + 1)])
  })
}
