/** Programs about the names of files. */
import { FileError } from '../../kernel/files.ts'
import type { Program } from '../process.ts'
import { flagsOf } from './kit.ts'

export const basename: Program = function* (process, argv) {
  const [path = '', suffix = ''] = argv.slice(1)
  const name = path.replace(/(?<=.)\/+$/, '').replace(/^.*\/(?=.)/, '')
  yield* process.out(`${suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}\n`)
  return 0
}

export const dirname: Program = function* (process, argv) {
  const path = (argv[1] ?? '').replace(/(?<=.)\/+$/, '')
  const at = path.lastIndexOf('/')
  yield* process.out(`${at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at)}\n`)
  return 0
}

export const which: Program = function* (process, argv) {
  let code = 0
  for (const name of argv.slice(1)) {
    const found = process.machine.findProgram(name, process.env.get('PATH') ?? '', process.cwd)
    if (found) yield* process.out(`${found.path}\n`)
    else code = 1
  }
  return code
}

export const mktemp: Program = function* (process, argv) {
  const { flags, words } = flagsOf(argv)
  const template = words[0] ?? '/tmp/tmp.XXXXXX'
  const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const path = template.replace(/X+$/, (all) =>
    [...all].map(() => letters[Math.floor(process.machine.context.random() * letters.length)]).join(''),
  )
  try {
    if (flags.has('d')) process.machine.files.makeDirectory(path, process.cwd)
    else process.machine.files.write(path, '', process.cwd)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    yield* process.complain(`${path}: ${error.message}`)
    return 1
  }
  yield* process.out(`${path}\n`)
  return 0
}
