/** What the shell does itself. */
import { FileError, absolute } from '../../kernel/files.ts'
import { type Routine, wait } from '../../kernel/routine.ts'
import { echo, printf } from '../programs/output.ts'
import { test } from '../programs/test.ts'
import { kill, trap, waitForJobs } from './jobs.ts'
import { FunctionReturn, LoopJump, ShellExit } from './jumps.ts'
import type { RunningShell } from './running-shell.ts'

export type Builtin = (shell: RunningShell, argv: string[]) => Routine<number>

/** Special builtins of POSIX: what is assigned before them stays. */
export const SPECIAL = new Set([
  '.',
  ':',
  'break',
  'continue',
  'eval',
  'exec',
  'exit',
  'export',
  'readonly',
  'return',
  'set',
  'shift',
  'times',
  'trap',
  'unset',
])

// eslint-disable-next-line require-yield
function* nothing(): Routine<number> {
  return 0
}

function numeric(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null
}

function* changeDirectory(shell: RunningShell, argv: string[]): Routine<number> {
  const { process } = shell
  const wanted = argv.filter((word, index) => index > 0 && word !== '-L' && word !== '-P' && word !== '--')[0]
  const target = wanted === '-' ? (shell.get('OLDPWD') ?? '') : (wanted ?? shell.get('HOME') ?? '')
  if (target === '') return 0
  try {
    const entry = shell.machine.files.get(target, process.cwd, true, process.pid)
    if (entry.kind !== 'directory') throw new FileError('Not a directory')
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (shell.flavour === 'bash') yield* shell.complain(`${target}: ${error.message}`, 'cd')
    else yield* shell.complain(`can't cd to ${target}${shell.flavour === 'ash' ? `: ${error.message}` : ''}`, 'cd')
    return shell.flavour === 'bash' ? 1 : 2
  }
  shell.set('OLDPWD', process.cwd)
  process.cwd = absolute(target, process.cwd)
  shell.set('PWD', process.cwd)
  if (wanted === '-') yield* process.out(`${process.cwd}\n`)
  return 0
}

function* exportVariables(shell: RunningShell, argv: string[]): Routine<number> {
  const readOnly = argv[0] === 'readonly'
  const words = argv.slice(1).filter((word) => word !== '-p' && word !== '--')
  if (words.length === 0) {
    for (const [name, variable] of [...shell.variables].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      if (readOnly ? variable.readOnly : variable.exported)
        yield* shell.process.out(
          shell.flavour === 'bash'
            ? `declare -${readOnly ? 'r' : 'x'} ${name}="${variable.value}"\n`
            : `${argv[0]} ${name}='${variable.value.replaceAll("'", `'"'"'`)}'\n`,
        )
    return 0
  }
  for (const word of words) {
    const at = word.indexOf('=')
    const name = at < 0 ? word : word.slice(0, at)
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      yield* shell.complain(shell.flavour === 'bash' ? `\`${word}': not a valid identifier` : `${name}: bad variable name`, argv[0])
      return shell.flavour === 'bash' ? 1 : 2
    }
    if (at >= 0) shell.set(name, word.slice(at + 1))
    const variable = shell.variables.get(name) ?? { value: '', exported: false, readOnly: false }
    shell.variables.set(name, { ...variable, ...(readOnly ? { readOnly } : { exported: true }) })
  }
  return 0
}

function* setOptions(shell: RunningShell, argv: string[]): Routine<number> {
  const long: Record<string, string> = { errexit: 'e', nounset: 'u', xtrace: 'x', noglob: 'f', allexport: 'a', pipefail: 'P' }
  if (argv.length === 1) {
    for (const [name, { value }] of [...shell.variables].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      yield* shell.process.out(`${name}='${value.replaceAll("'", `'"'"'`)}'\n`)
    return 0
  }
  for (let index = 1; index < argv.length; index++) {
    const word = argv[index] as string
    if (word === '--') {
      shell.positional = argv.slice(index + 1)
      return 0
    }
    if (!/^[-+]./.test(word)) {
      shell.positional = argv.slice(index)
      return 0
    }
    for (const letter of word.slice(1)) {
      const option = letter === 'o' ? long[argv[++index] ?? ''] : letter
      if (option === undefined) continue
      if (word.startsWith('-')) shell.options.add(option)
      else shell.options.delete(option)
    }
  }
  return 0
}

function* read(shell: RunningShell, argv: string[]): Routine<number> {
  const { process } = shell
  let raw = false
  const names: string[] = []
  for (let index = 1; index < argv.length; index++) {
    const word = argv[index] as string
    if (word === '-p') yield* process.write(2, argv[++index] ?? '')
    else if (/^-[tnd]$/.test(word)) index++
    else if (word.startsWith('-')) raw ||= word.includes('r')
    else names.push(word)
  }
  let text = ''
  let ended = false
  for (;;) {
    const line = yield* process.readLine()
    ended = line === null || line.cut
    if (line) text += line.text
    if (raw || ended || !/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) break
    text = text.slice(0, -1)
  }
  if (!raw) text = text.replace(/\\(.)/g, '$1')
  const separators = shell.get('IFS') ?? ' \t\n'
  const set = `[${separators.replace(/[\]\\^-]/g, '\\$&')}]`
  let rest = separators === '' ? text : text.replace(new RegExp(`^${set}+|${set}+$`, 'g'), '')
  if (names.length === 0) names.push('REPLY')
  names.forEach((name, index) => {
    const cut = index === names.length - 1 || separators === '' ? null : new RegExp(`${set}+`).exec(rest)
    shell.set(name, cut ? rest.slice(0, cut.index) : rest)
    rest = cut ? rest.slice(cut.index + cut[0].length) : ''
  })
  return ended ? 1 : 0
}

function* execute(shell: RunningShell, argv: string[]): Routine<number> {
  const words = argv.slice(1).filter((word, index) => !(index === 0 && word === '--'))
  const [name] = words
  if (name === undefined) return 0
  const found = shell.find(name)
  if ('missing' in found) {
    yield* shell.complain(
      shell.flavour === 'bash'
        ? found.code === 127 && !name.includes('/')
          ? `exec: ${name}: not found`
          : found.missing
        : `exec: ${shell.flavour === 'ash' ? `line ${Math.max(0, shell.line - 1)}: ` : ''}${name}: not found`,
    )
    throw new ShellExit(found.code)
  }
  const { process } = shell
  process.argv = words
  process.env = shell.environment()
  process.handlers.clear()
  shell.traps.clear()
  throw new ShellExit(yield* found.program(process, words))
}

function* typeOf(shell: RunningShell, argv: string[]): Routine<number> {
  const brief = argv[0] === 'command'
  let code = 0
  for (const name of argv.slice(1)) {
    if (name.startsWith('-')) continue
    const found = shell.find(name)
    if (shell.functions.has(name)) yield* shell.process.out(brief ? `${name}\n` : `${name} is a function\n`)
    else if (BUILTINS[name])
      yield* shell.process.out(
        brief ? `${name}\n` : `${name} is a ${SPECIAL.has(name) && shell.flavour !== 'bash' ? 'special ' : ''}shell builtin\n`,
      )
    else if ('path' in found) yield* shell.process.out(brief ? `${found.path}\n` : `${name} is ${found.path}\n`)
    else {
      if (!brief) {
        if (shell.flavour === 'bash') yield* shell.complain(`${name}: not found`, 'type')
        else yield* shell.process.out(`${name}: not found\n`)
      }
      code = shell.flavour === 'bash' ? 1 : 127
    }
  }
  return code
}

function* evaluateWords(shell: RunningShell, argv: string[]): Routine<number> {
  const { lastCode } = shell
  shell.lastCode = 0
  const text = argv.slice(1).join(' ')
  if (text === '') return 0
  shell.lastCode = lastCode
  return yield* shell.source(text)
}

function* sourceFile(shell: RunningShell, argv: string[]): Routine<number> {
  const [, file = ''] = argv
  try {
    return yield* shell.source(shell.machine.files.read(file, shell.process.cwd, shell.process.pid))
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (shell.flavour === 'bash') yield* shell.complain(`${file}: ${error.message}`)
    else
      yield* shell.complain(
        shell.flavour === 'ash' ? `can't open '${file}': ${error.message}` : `cannot open ${file}: No such file`,
        argv[0],
      )
    if (shell.flavour === 'bash') return 1
    if (!shell.interactive) throw new ShellExit(2)
    return 2
  }
}

export const BUILTINS: Record<string, Builtin | undefined> = {
  ':': nothing,
  true: nothing,
  // eslint-disable-next-line require-yield
  false: function* () {
    return 1
  },
  '.': sourceFile,
  source: sourceFile,
  '[': (shell, argv) => test(shell.process, argv),
  '[[': (shell, argv) => test(shell.process, argv),
  test: (shell, argv) => test(shell.process, argv),
  echo: (shell, argv) => echo(shell.process, argv, shell.flavour),
  printf: (shell, argv) => printf(shell.process, argv),
  pwd: function* (shell) {
    yield* shell.process.out(`${shell.process.cwd}\n`)
    return 0
  },
  cd: changeDirectory,
  // eslint-disable-next-line require-yield
  break: function* (shell, argv) {
    if (shell.loops === 0) return 0
    throw new LoopJump('break', numeric(argv[1]) ?? 1)
  },
  // eslint-disable-next-line require-yield
  continue: function* (shell, argv) {
    if (shell.loops === 0) return 0
    throw new LoopJump('continue', numeric(argv[1]) ?? 1)
  },
  // eslint-disable-next-line require-yield
  return: function* (shell, argv) {
    throw new FunctionReturn(numeric(argv[1]) ?? shell.lastCode)
  },
  exit: function* (shell, argv) {
    const code = numeric(argv[1])
    if (argv[1] !== undefined && code === null) {
      yield* shell.complain(shell.flavour === 'bash' ? `${argv[1]}: numeric argument required` : `Illegal number: ${argv[1]}`, 'exit')
      throw new ShellExit(2)
    }
    throw new ShellExit((code ?? shell.lastCode) & 255)
  },
  export: exportVariables,
  readonly: exportVariables,
  // eslint-disable-next-line require-yield
  local: function* (shell, argv) {
    for (const word of argv.slice(1)) {
      const at = word.indexOf('=')
      const name = at < 0 ? word : word.slice(0, at)
      const frame = shell.locals.at(-1)
      const known = shell.variables.get(name)
      if (frame && !frame.has(name)) frame.set(name, known && { ...known })
      if (at >= 0) shell.variables.set(name, { value: word.slice(at + 1), exported: known?.exported ?? false, readOnly: false })
    }
    return 0
  },
  // eslint-disable-next-line require-yield
  unset: function* (shell, argv) {
    for (const name of argv.slice(1)) {
      if (name.startsWith('-')) continue
      shell.variables.delete(name)
      shell.functions.delete(name)
    }
    return 0
  },
  set: setOptions,
  shift: function* (shell, argv) {
    const count = numeric(argv[1]) ?? 1
    if (count > shell.positional.length) {
      if (shell.flavour === 'dash') {
        yield* shell.complain("can't shift that many", 'shift')
        throw new ShellExit(2)
      }
      return 1
    }
    shell.positional = shell.positional.slice(count)
    return 0
  },
  eval: evaluateWords,
  exec: execute,
  read,
  wait: waitForJobs,
  kill,
  trap,
  type: typeOf,
  command: function* (shell, argv) {
    if (argv[1] === '-v' || argv[1] === '-V') return yield* typeOf(shell, [argv[1] === '-v' ? 'command' : 'type', ...argv.slice(2)])
    const [name = ''] = argv.slice(1)
    const builtin = BUILTINS[name]
    if (builtin) return yield* builtin(shell, argv.slice(1))
    const found = shell.find(name)
    if ('missing' in found) {
      yield* shell.complain(found.missing)
      return found.code
    }
    const process = shell.process.child(argv.slice(1), shell.environment())
    process.start(found.program)
    return yield* wait(process.ended)
  },
  jobs: function* (shell) {
    for (const { number, process, source } of shell.jobs) {
      const state = process.code === null ? 'Running' : 'Done'
      yield* shell.process.out(
        shell.flavour === 'bash'
          ? `[${number}]+  ${state.padEnd(24)}${source}${process.code === null ? ' &' : ''}\n`
          : `[${number}]+  ${state.padEnd(27)}${source}\n`,
      )
    }
    shell.jobs = shell.jobs.filter(({ process }) => process.code === null)
    return 0
  },
  umask: function* (shell) {
    yield* shell.process.out('0022\n')
    return 0
  },
  ulimit: function* (shell, argv) {
    yield* shell.process.out(argv[1] === '-n' ? '1048576\n' : 'unlimited\n')
    return 0
  },
  let: function* (shell, argv) {
    let value = '0'
    for (const word of argv.slice(1)) value = yield* shell.expand.arithmetic(word)
    return value === '0' ? 1 : 0
  },
  hash: nothing,
}
