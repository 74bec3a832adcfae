/** Patterns of the shell: `*`, `?`, `[...]`, a backslash before what stands for itself. */
import { type Directory, entriesOf, type FileTree } from '../kernel/files.ts'

export function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&')
}

export function hasWildcard(pattern: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*[*?[]/.test(pattern)
}

export function literalOf(pattern: string): string {
  return pattern.replace(/\\(.)/gs, '$1')
}

/** The body of a regular expression; without anchors. */
export function patternSource(pattern: string, slashes = true): string {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at] as string
    if (letter === '\\') source += escapeRegExp(pattern[++at] ?? '\\')
    else if (letter === '*') source += slashes ? '[^]*' : '[^/]*'
    else if (letter === '?') source += slashes ? '[^]' : '[^/]'
    else if (letter === '[') {
      const set = /^\[([!^]?)(\]?(?:\\.|\[:\w+:\]|[^\]])*)\]/.exec(pattern.slice(at))
      if (!set) {
        source += '\\['
        continue
      }
      const [all, not = '', body = ''] = set
      source += `[${not ? '^' : ''}${body.replace(/\[:(\w+):\]/g, (_all, name: string) => CLASSES[name] ?? '').replace(/[[\]](?!$)|^\]/g, '\\$&')}]`
      at += all.length - 1
    } else source += escapeRegExp(letter)
  }
  return source
}

const CLASSES: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  space: '\\s',
  upper: 'A-Z',
  lower: 'a-z',
  punct: '!-/:-@\\[-`{-~',
  blank: ' \\t',
  xdigit: '0-9A-Fa-f',
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

export function matches(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${patternSource(pattern)})$`).test(text)
}

/** Paths that a pattern with wildcards names, sorted; none where nothing fits. */
export function glob(files: FileTree, pattern: string, cwd: string): string[] {
  const rooted = pattern.startsWith('/')
  const parts = pattern.split('/').filter((part) => part !== '')
  let found: string[] = [rooted ? '/' : '']
  parts.forEach((part, index) => {
    const last = index === parts.length - 1
    const next: string[] = []
    for (const base of found) {
      const join = (name: string): string => (base === '' ? name : base.endsWith('/') ? base + name : `${base}/${name}`)
      if (!hasWildcard(part)) {
        const path = join(literalOf(part))
        if (files.find(path, cwd)) next.push(path)
        continue
      }
      const directory = files.find(base === '' ? '.' : base, cwd)
      if (directory?.kind !== 'directory') continue
      const expression = new RegExp(`^(?:${patternSource(part, false)})$`)
      for (const name of [...entriesOf(directory as Directory).keys()].toSorted()) {
        if (name.startsWith('.') && !part.startsWith('.')) continue
        if (!expression.test(name)) continue
        const path = join(name)
        if (last || files.find(path, cwd)?.kind === 'directory') next.push(path)
      }
    }
    found = next
  })
  return found.map((path) => (pattern.endsWith('/') ? `${path}/` : path))
}
