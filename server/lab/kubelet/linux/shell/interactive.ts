/** A shell at its prompt, and `sh` as a program. */
import { FileError } from '../../kernel/files.ts'
import type { Program } from '../process.ts'
import { type Routine, run, wait } from '../../kernel/routine.ts'
import { editLine } from '../line-editor.ts'
import { BUILTINS } from './builtins.ts'
import { parseScript } from './parser.ts'
import { ExpansionError } from './expansion.ts'
import { FunctionReturn, Interrupted, LoopJump, ShellExit } from './jumps.ts'
import { Shell } from './shell.ts'
import type { Flavour } from './state.ts'
import { IncompleteCommand, ShellSyntaxError } from './syntax.ts'

/** `sh`, `ash`, `dash`, `bash`. */
export function shellProgram(flavour: Flavour): Program {
  return function* sh(process, argv) {
    const shell = new Shell(process, flavour, argv[0] ?? 'sh')
    let command: string | null = null
    let forced = false
    let fromInput = false
    let index = 1
    for (; index < argv.length; index++) {
      const word = argv[index] as string
      if (word === '--' || word === '-') {
        index++
        break
      }
      if (word === '--login' || word === '--norc') continue
      if (!/^[-+]./.test(word)) break
      for (const letter of word.slice(1)) {
        if (letter === 'c') command = ''
        else if (letter === 'i') forced = true
        else if (letter === 's') fromInput = true
        else if (letter === 'l') continue
        else if (letter === 'o') index++
        else shell.options.add(letter)
      }
    }
    const rest = argv.slice(index)
    if (command !== null) {
      const [text] = rest
      if (text === undefined) {
        yield* process.write(
          2,
          flavour === 'bash'
            ? `${shell.name}: -c: option requires an argument\n`
            : flavour === 'dash'
              ? `${shell.name}: 0: -c requires an argument\n`
              : `${shell.name}: -c requires an argument\n`,
        )
        return 2
      }
      shell.name = rest[1] ?? shell.name
      shell.positional = rest.slice(2)
      return yield* shell.toEnd(shell.source(text))
    }
    const [file] = rest
    if (file !== undefined && !fromInput) {
      let text: string
      try {
        text = process.machine.files.read(file, process.cwd, process.pid)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        if (flavour === 'bash') yield* process.write(2, `${shell.name}: ${file}: ${error.message}\n`)
        else
          yield* process.write(
            2,
            flavour === 'dash'
              ? `${shell.name}: 0: cannot open ${file}: No such file\n`
              : `${shell.name}: can't open '${file}': ${error.message}\n`,
          )
        return flavour === 'bash' ? 127 : 2
      }
      shell.name = file
      shell.positional = rest.slice(1)
      return yield* shell.toEnd(shell.source(text))
    }
    shell.positional = rest
    if (forced || (process.isTerminal(0) && process.isTerminal(1))) {
      shell.interactive = true
      return yield* shell.toEnd(interact(shell))
    }
    return yield* shell.toEnd(fromStandardInput(shell))
  }
}

/** A script on standard input: each command runs as soon as it is whole, and what it runs may read the lines after it. */
function* fromStandardInput(shell: Shell): Routine<void> {
  let text = ''
  for (;;) {
    const line = yield* shell.process.readLine()
    if (line === null) {
      if (text !== '') yield* shell.source(text)
      return
    }
    text += `${line.text}\n`
    if (isIncomplete(text)) continue
    const whole = text
    text = ''
    yield* shell.source(whole)
  }
}

function isIncomplete(text: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n$/.test(text)) return true
  try {
    parseScript(text)
    return false
  } catch (error) {
    if (error instanceof IncompleteCommand) return true
    if (error instanceof ShellSyntaxError) return false
    throw error
  }
}

function promptOf(shell: Shell): string {
  const { process, flavour } = shell
  const { user, context } = shell.machine
  const sign = user.uid === 0 ? '#' : '$'
  const home = shell.get('HOME') ?? '/root'
  const { cwd } = process
  const short = home !== '/' && (cwd === home || cwd.startsWith(`${home}/`)) ? `~${cwd.slice(home.length)}` : cwd
  if (flavour === 'dash') return `${sign} `
  const usual = flavour === 'bash' ? '\\u@\\h:\\w\\$ ' : '\\w \\$ '
  return (shell.get('PS1') ?? usual).replace(/\\([uhwWs$[\]])/g, (_all, letter: string) => {
    if (letter === 'u') return user.name || 'I have no name!'
    if (letter === 'h') return context.hostname.split('.')[0] as string
    if (letter === 'w') return short
    if (letter === 'W') return short.split('/').at(-1) || '/'
    if (letter === 's') return flavour
    return letter === '$' ? sign : ''
  })
}

/** readline brackets what is pasted; a terminal that does not know it ignores this. */
const BRACKET_ON = '\u001b[?2004h'
const BRACKET_OFF = '\u001b[?2004l\r'

/** Prompt, line, prompt, until `exit` or the end of the input. */
function* interact(shell: Shell): Routine<void> {
  const { process, flavour } = shell
  const { terminal } = process
  const history: string[] = []
  if (terminal) terminal.foreground = process.group
  const { busybox, banner } = shell.machine.image.userland
  if (banner && busybox)
    yield* process.out(
      `\n\n${busybox.replace('multi-call binary.', 'built-in shell (ash)')}\nEnter 'help' for a list of built-in commands.\n\n`,
    )
  let interrupt: (() => void) | null = null
  process.handlers.set('INT', () => interrupt?.())
  process.handlers.set('QUIT', () => {})
  process.handlers.set('TERM', () => {})
  for (;;) {
    let text = ''
    let prompt = promptOf(shell)
    for (;;) {
      const edited =
        terminal && flavour !== 'dash'
          ? yield* wait(
              editLine(terminal, {
                prompt: (flavour === 'bash' ? BRACKET_ON : '') + prompt,
                history,
                complete: (line) => complete(shell, line),
              }),
            )
          : yield* plainLine(shell, prompt)
      if (terminal && flavour === 'bash') terminal.write(BRACKET_OFF)
      if (edited === 'interrupted') {
        shell.lastCode = 130
        text = ''
        break
      }
      if (edited === 'end') {
        if (text !== '') {
          yield* shell.source(text)
          text = ''
          break
        }
        if (flavour === 'bash') yield* process.write(2, 'exit\n')
        else if (terminal) terminal.write('\n')
        return
      }
      text += `${edited.line}\n`
      if (edited.line.trim() !== '' && history.at(-1) !== edited.line) history.push(edited.line)
      if (!isIncomplete(text)) break
      prompt = '> '
    }
    if (text.trim() === '') continue
    const line = text
    shell.line++
    let failure: unknown = null
    yield* wait<void>((resume) => {
      const over = (): void => {
        interrupt = null
        resume()
      }
      const stop = run(shell.source(line), over, (error) => {
        failure = error
        over()
      })
      interrupt = () => {
        stop()
        shell.lastCode = 130
        shell.loops = 0
        shell.calls = 0
        terminal?.write('\n')
        over()
      }
      return stop
    })
    if (failure instanceof ShellExit) {
      if (flavour === 'bash') yield* process.write(2, 'exit\n')
      throw failure
    }
    if (failure instanceof Interrupted) terminal?.write('\n')
    else if (failure !== null) yield* tell(shell, failure)
    yield* tellJobs(shell)
  }
}

function* tell(shell: Shell, failure: unknown): Routine<void> {
  if (failure instanceof LoopJump || failure instanceof FunctionReturn) return
  if (failure instanceof ExpansionError) {
    shell.lastCode = 2
    return yield* shell.complain(failure.message)
  }
  throw failure
}

function* tellJobs(shell: Shell): Routine<void> {
  for (const { number, process, source } of shell.jobs) {
    if (process.code === null) continue
    const state = process.code === 0 ? 'Done' : `Exit ${process.code}`
    yield* shell.process.write(2, `[${number}]+  ${state.padEnd(shell.flavour === 'bash' ? 24 : 27)}${source}\n`)
  }
  shell.jobs = shell.jobs.filter(({ process }) => process.code === null)
}

/** dash edits nothing itself: the terminal does. */
function* plainLine(shell: Shell, prompt: string): Routine<{ line: string } | 'end'> {
  yield* shell.process.write(2, prompt)
  const line = yield* shell.process.readLine()
  return line === null ? 'end' : { line: line.text }
}

/** Commands for the first word, files for the others. */
function complete(shell: Shell, line: string): { word: string; choices: string[] } {
  const word = /[^\s;&|<>]*$/.exec(line)?.[0] ?? ''
  const isCommand = /(?:^|[;&|])\s*$/.test(line.slice(0, line.length - word.length)) && !word.includes('/')
  const { files } = shell.machine
  if (isCommand) {
    const names = new Set<string>(Object.keys(BUILTINS))
    for (const folder of (shell.get('PATH') ?? '').split(':')) {
      const entry = files.find(folder)
      if (entry?.kind === 'directory') for (const [name] of files.list(folder)) names.add(name)
    }
    return { word, choices: [...names].filter((name) => word !== '' && name.startsWith(word)).toSorted() }
  }
  const slash = word.lastIndexOf('/')
  const folder = slash < 0 ? '.' : word.slice(0, slash) || '/'
  const stem = word.slice(slash + 1)
  const entry = files.find(folder, shell.process.cwd)
  if (entry?.kind !== 'directory') return { word, choices: [] }
  const choices = files
    .list(folder, shell.process.cwd)
    .filter(([name]) => name.startsWith(stem) && (stem !== '' || !name.startsWith('.')))
    .map(([name]) => {
      const path = word.slice(0, slash + 1) + name
      return files.find(path, shell.process.cwd)?.kind === 'directory' ? `${path}/` : path
    })
  return { word, choices: choices.toSorted() }
}
