/** busybox's programs that look at or change the file system, in its words. */
import type { Program, ProgramRun, ShellEnvironment } from './program-run.ts'
import { isFolder, parentOf, resolvePath, ROOT } from './shell/files.ts'

/** Names in a folder, sorted. */
export function entriesOf({ files, folders, programs }: ShellEnvironment, folder: string): string[] {
  const prefix = folder === '/' ? '/' : `${folder}/`
  const names = new Set<string>(folder === '/' ? ROOT : /^\/(usr\/)?bin$/.test(folder) ? programs : [])
  for (const path of [...files.keys(), ...folders])
    if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0] as string)
  return [...names].toSorted()
}

const operands = (argv: readonly string[]): string[] => argv.slice(1).filter((word) => !word.startsWith('-'))

/** Runs `act` for every operand; the code is 1 where one of them gave a message. */
function forEach(run: ProgramRun, act: (name: string, path: string) => string | null): void {
  let code = 0
  for (const name of operands(run.argv)) {
    const message = act(name, resolvePath(name, run.folder))
    if (message === null) continue
    run.output.stderr(`${run.argv[0]}: ${message}\n`)
    code = 1
  }
  run.done(code)
}

function rm(run: ProgramRun): void {
  const { files, folders } = run.environment
  const force = run.argv.some((word) => /^-\w*f/.test(word))
  const deep = run.argv.some((word) => /^-\w*[rR]/.test(word))
  forEach(run, (name, path) => {
    if (files.delete(path)) return null
    if (!isFolder(run.environment, path)) return force ? null : `can't remove '${name}': No such file or directory`
    if (!deep) return `'${name}' is a directory`
    for (const each of [...files.keys()]) if (each.startsWith(`${path}/`)) files.delete(each)
    for (const each of [...folders]) if (each === path || each.startsWith(`${path}/`)) folders.delete(each)
    return null
  })
}

/** cp and mv of files. */
function copy(run: ProgramRun, move: boolean): void {
  const { files } = run.environment
  const names = operands(run.argv)
  const target = resolvePath(names.at(-1) ?? '', run.folder)
  for (const name of names.slice(0, -1)) {
    const from = resolvePath(name, run.folder)
    const text = files.get(from)
    if (text === undefined) {
      run.output.stderr(
        move ? `mv: can't rename '${name}': No such file or directory\n` : `cp: can't stat '${name}': No such file or directory\n`,
      )
      return run.done(1)
    }
    files.set(isFolder(run.environment, target) ? resolvePath(from.split('/').at(-1) ?? '', target) : target, text)
    if (move) files.delete(from)
  }
  run.done(0)
}

function tee(run: ProgramRun): void {
  const { files } = run.environment
  const append = run.argv.includes('-a')
  const paths = operands(run.argv).map((name) => resolvePath(name, run.folder))
  for (const path of paths) files.set(path, append ? (files.get(path) ?? '') : '')
  run.onKill(
    run.stdin.read(
      (data) => {
        run.output.stdout(data)
        for (const path of paths) files.set(path, (files.get(path) ?? '') + data)
      },
      () => run.done(0),
    ),
  )
}

export const FILE_PROGRAMS: Record<string, Program> = {
  basename: ({ argv, output, done }) => {
    const base = (argv[1] ?? '').replace(/\/+$/, '').split('/').at(-1) ?? ''
    output.stdout(`${argv[2] && base.endsWith(argv[2]) ? base.slice(0, -argv[2].length) : base}\n`)
    done(0)
  },
  cp: (run) => copy(run, false),
  dirname: ({ argv, output, done }) => {
    const [, path = ''] = argv
    output.stdout(`${path.includes('/') ? parentOf(path.replace(/\/+$/, '')) : '.'}\n`)
    done(0)
  },
  mkdir: (run) =>
    forEach(run, (name, path) => {
      const deep = run.argv.some((word) => /^-\w*p/.test(word))
      if (isFolder(run.environment, path) || run.environment.files.has(path))
        return deep ? null : `can't create directory '${name}': File exists`
      if (!deep && !isFolder(run.environment, parentOf(path))) return `can't create directory '${name}': No such file or directory`
      for (let each = path; each !== '/'; each = parentOf(each)) run.environment.folders.add(each)
      return null
    }),
  mv: (run) => copy(run, true),
  rm,
  tee,
  touch: (run) =>
    forEach(run, (name, path) => {
      if (!isFolder(run.environment, parentOf(path))) return `${name}: No such file or directory`
      if (!run.environment.files.has(path) && !isFolder(run.environment, path)) run.environment.files.set(path, '')
      return null
    }),
}
