/** grep, over named files or line by line over what comes in. */
import type { Process, Program } from '../process.ts'
import type { Routine } from '../../kernel/routine.ts'
import { flagsOf, isBusybox, linesOf, overInputs } from './kit.ts'
import { expression } from './regex.ts'

export const grep: Program = function* (process, argv) {
  const { flags, values, words } = flagsOf(argv, 'emABC')
  const pattern = values.get('e') ?? words.shift()
  if (pattern === undefined) {
    yield* process.write(
      2,
      isBusybox(process)
        ? `${process.machine.image.userland.busybox}\n\nUsage: grep [-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...\n`
        : "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n",
    )
    return 2
  }
  let regex: RegExp
  try {
    regex = expression(pattern, flags, argv[0] === 'egrep' || flags.has('E'))
  } catch {
    yield* process.complain(`bad regex '${pattern}'`)
    return 2
  }
  let found = false
  const named = (words.length > 1 || flags.has('r') || flags.has('H')) && !flags.has('h')
  const lines = function* (text: string, path: string): Routine<void> {
    let count = 0
    for (const [index, line] of linesOf(text).entries()) {
      if (regex.test(line) === flags.has('v')) continue
      found = true
      count++
      if (flags.has('q') || flags.has('c') || flags.has('l')) continue
      const shown = flags.has('o') ? (line.match(new RegExp(regex, 'g')) ?? []) : [line]
      for (const each of shown) yield* process.out(`${named ? `${path}:` : ''}${flags.has('n') ? `${index + 1}:` : ''}${each}\n`)
      if (count >= Number(values.get('m') ?? Infinity)) break
    }
    if (flags.has('c')) yield* process.out(`${named ? `${path}:` : ''}${count}\n`)
    if (flags.has('l') && count > 0) yield* process.out(`${path}\n`)
  }
  if (words.length === 0 && !flags.has('r')) {
    // line by line, as they come
    for (let line = yield* process.readLine(), number = 1; line !== null; line = yield* process.readLine(), number++) {
      if (flags.has('c')) {
        yield* lines(`${line.text}\n${yield* process.readAll()}`, '(standard input)')
        break
      }
      if (regex.test(line.text) === flags.has('v')) continue
      found = true
      if (flags.has('q')) return 0
      const shown = flags.has('o') ? (line.text.match(new RegExp(regex, 'g')) ?? []) : [line.text]
      for (const each of shown) yield* process.out(`${flags.has('n') ? `${number}:` : ''}${each}\n`)
    }
    return found ? 0 : 1
  }
  const paths = flags.has('r') || flags.has('R') ? words.flatMap((path) => filesBelow(process, path)) : words
  const code = yield* overInputs(process, paths, lines)
  return code === 0 ? (found ? 0 : 1) : 2
}

function filesBelow(process: Process, path: string): string[] {
  const entry = process.machine.files.find(path, process.cwd, true, process.pid)
  if (entry?.kind !== 'directory') return [path]
  return process.machine.files
    .list(path, process.cwd, process.pid)
    .flatMap(([name, each]) => (each.kind === 'link' ? [] : filesBelow(process, `${path.replace(/\/$/, '')}/${name}`)))
}
