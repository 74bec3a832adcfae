/** `>`, `>>`, `<`, `<<`, `2>&1`: streams of a command that lead elsewhere. */
import { Input } from '../input.ts'
import { expandText, type Expansion } from './expand.ts'
import { isFolder, parentOf, resolvePath } from './files.ts'
import type { Streams } from './state.ts'
import type { Redirect } from './grammar.ts'

/** Gives the streams as they are after all redirections, or why one of them cannot be, as it follows `sh: `. */
export function redirect(
  redirects: readonly Redirect[],
  outer: Streams,
  expansion: Expansion,
  then: (streams: Streams, problem: string | null) => void,
): void {
  const streams: Streams = { stdin: outer.stdin, stdout: outer.stdout, stderr: outer.stderr }
  const next = (index: number): void => {
    const each = redirects[index]
    if (!each) return then(streams, null)
    expandText(each.target, expansion, (target) => {
      const problem = lead(streams, each, target, expansion)
      if (problem !== null) return then(streams, problem)
      next(index + 1)
    })
  }
  next(0)
}

function lead(streams: Streams, { from, mode }: Redirect, target: string, { state }: Expansion): string | null {
  const name = from === 2 ? 'stderr' : 'stdout'
  if (mode === 'dup') {
    const to = target === '2' ? streams.stderr : streams.stdout
    streams[name] = to
    return null
  }
  if (mode === 'text') {
    streams.stdin = Input.of(target)
    return null
  }
  const { environment } = state
  const { files } = environment
  const path = resolvePath(target, state.folder)
  if (mode === 'read') {
    const text = path === '/dev/null' ? '' : files.get(path)
    if (text === undefined) return `can't open ${target}: no such file`
    streams.stdin = Input.of(text)
    return null
  }
  if (path === '/dev/null') streams[name] = () => {}
  else if (path === '/dev/stdout' || path === '/proc/1/fd/1') return null
  else if (path === '/dev/stderr' || path === '/proc/1/fd/2') streams[name] = streams.stderr
  else {
    if (isFolder(environment, path)) return `can't create ${target}: Is a directory`
    if (!isFolder(environment, parentOf(path))) return `can't create ${target}: nonexistent directory`
    files.set(path, mode === 'append' ? (files.get(path) ?? '') : '')
    streams[name] = (data) => void files.set(path, (files.get(path) ?? '') + data)
  }
  return null
}
