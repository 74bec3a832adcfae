/** Paths in a container's file system, which is a map of files and the folders that they imply. */
import type { ShellEnvironment } from '../program-run.ts'

/** Folders that an image has. */
export const ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']

/** An absolute path without `.`, `..` and doubled slashes. */
export function resolvePath(path: string, folder: string): string {
  const parts: string[] = []
  for (const part of `${path.startsWith('/') ? '' : folder}/${path}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

export function isFolder({ files, folders }: ShellEnvironment, path: string): boolean {
  if (path === '/' || ROOT.includes(path.slice(1)) || folders.has(path)) return true
  for (const file of files.keys()) if (file.startsWith(`${path}/`)) return true
  return false
}

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
