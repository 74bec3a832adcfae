/** sed, as far as its everyday commands go. */
import { FileError } from '../../kernel/files.ts'
import type { Program } from '../process.ts'
import { flagsOf, linesOf, overInputs } from './kit.ts'
import { expression } from './regex.ts'

interface Edit {
  address: { line?: number; last?: boolean; regex?: RegExp } | null
  until: { line?: number; last?: boolean; regex?: RegExp } | null
  negated: boolean
  command: string
  regex?: RegExp
  replacement?: string
  print?: boolean
  text?: string
}

/** sed's s, p, d, q, =, a, i, c, y-less. null: a command that is not known. */
function parseEdits(script: string, extended: boolean): Edit[] | null {
  const edits: Edit[] = []
  let rest = script.trim()
  const address = (): Edit['address'] => {
    const number = /^(\d+|\$)/.exec(rest)
    if (number) {
      rest = rest.slice(number[0].length)
      return number[0] === '$' ? { last: true } : { line: Number(number[0]) }
    }
    const regex = /^\/((?:\\.|[^/\\])*)\//.exec(rest)
    if (!regex) return null
    rest = rest.slice(regex[0].length)
    return { regex: expression(regex[1] as string, new Set(), extended) }
  }
  while (rest !== '') {
    const begin = address()
    let until: Edit['until'] = null
    if (rest.startsWith(',')) {
      rest = rest.slice(1)
      until = address()
    }
    rest = rest.trimStart()
    const negated = rest.startsWith('!')
    if (negated) rest = rest.slice(1).trimStart()
    const command = rest[0] ?? ''
    rest = rest.slice(1)
    const edit: Edit = { address: begin, until, negated, command }
    if (command === 's') {
      const mark = (rest[0] ?? '/').replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      const parts = new RegExp(`^${mark}((?:\\\\.|[^\\\\${mark}])*)${mark}((?:\\\\.|[^\\\\${mark}])*)${mark}([gpiI0-9]*)`, 's').exec(rest)
      if (!parts) return null
      rest = rest.slice(parts[0].length)
      const [, pattern = '', replacement = '', flags = ''] = parts
      const regex = expression(pattern, new Set(/i/i.test(flags) ? ['i'] : []), extended)
      edit.regex = new RegExp(regex, regex.flags + (flags.includes('g') ? 'g' : ''))
      edit.replacement = replacement
      edit.print = flags.includes('p')
    } else if ('aic'.includes(command) && command !== '') {
      edit.text = rest.replace(/^\\?\n?\s*/, '')
      rest = ''
    } else if (!'pdq='.includes(command) || command === '') return null
    edits.push(edit)
    rest = rest.replace(/^[\s;]+/, '')
  }
  return edits
}

export const sed: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'e', ['expression'])
  const script = values.get('e') ?? words.shift()
  const extended = flags.has('E') || flags.has('r')
  const edits = script === undefined ? null : parseEdits(script, extended)
  if (edits === null) {
    yield* process.complain(script === undefined ? 'no script' : `unsupported command ${script}`)
    return 1
  }
  const open = new Set<Edit>()
  const edited = (text: string): string => {
    let out = ''
    const lines = linesOf(text)
    for (const [index, original] of lines.entries()) {
      const number = index + 1
      const fits = (address: Edit['address'], line: string): boolean =>
        address !== null &&
        (address.line === number || (address.last === true && number === lines.length) || address.regex?.test(line) === true)
      let line = original
      let deleted = false
      let after = ''
      let quit = false
      for (const edit of edits) {
        let applies = edit.address === null || fits(edit.address, line)
        if (edit.until) {
          if (open.has(edit)) {
            applies = true
            if (fits(edit.until, line)) open.delete(edit)
          } else if (applies && !(edit.until.line !== undefined && edit.until.line <= number)) open.add(edit)
        }
        if (applies === edit.negated) continue
        if (edit.command === 's' && edit.regex) {
          const { replacement = '' } = edit
          let done = false
          line = line.replace(edit.regex, (...args: unknown[]) => {
            done = true
            return replacement.replace(/\\(\d)|\\n|\\(.)|&/g, (piece, group?: string, other?: string) =>
              group !== undefined
                ? String(args[Number(group)] ?? '')
                : piece === '&'
                  ? String(args[0])
                  : piece === '\\n'
                    ? '\n'
                    : (other ?? piece),
            )
          })
          if (done && edit.print) out += `${line}\n`
        } else if (edit.command === 'p') out += `${line}\n`
        else if (edit.command === '=') out += `${number}\n`
        else if (edit.command === 'd') {
          deleted = true
          break
        } else if (edit.command === 'q') {
          quit = true
          break
        } else if (edit.command === 'a') after += `${edit.text}\n`
        else if (edit.command === 'i') out += `${edit.text}\n`
        else if (edit.command === 'c') {
          out += `${edit.text}\n`
          deleted = true
          break
        }
      }
      if (!deleted && !flags.has('n')) out += `${line}\n`
      out += after
      if (quit) break
    }
    return text.endsWith('\n') || text === '' ? out : out.replace(/\n$/, '')
  }
  return yield* overInputs(process, words, function* (text, path) {
    if (!flags.has('i') || path === '-') return yield* process.out(edited(text))
    try {
      process.machine.files.write(path, edited(text), process.cwd)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      yield* process.complain(`can't create temp file '${path}XXXXXX': ${error.message}`)
    }
  })
}
