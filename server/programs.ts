/** Programs of this machine: which file can be started, and where PATH finds one. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const EXTENSION = process.platform === 'win32' ? '.exe' : ''

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first file of this name on a PATH, or null. `name` without an extension. */
export function onPath(name: string, path = process.env.PATH ?? ''): string | null {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name + EXTENSION)).find(isProgram) ?? null
}
