/** Redirections of a command: files opened, descriptors copied. */
import { FileError, NO_DIRECTORY, NO_ENTRY } from '../../kernel/files.ts'
import type { Routine } from '../../kernel/routine.ts'
import { Descriptor, textStream } from '../../kernel/streams.ts'
import type { RunningShell } from './running-shell.ts'
import { CommandError } from './state.ts'
import type { Redirect } from './syntax.ts'

/** Throws {@link CommandError} with the shell's words; what was opened before stays open. */
export function* applyRedirects(shell: RunningShell, redirects: readonly Redirect[], descriptors: Map<number, Descriptor>): Routine<void> {
  for (const { descriptor, operator, word } of redirects) {
    const target = yield* shell.expand.text(word)
    if (operator === '<<') {
      replace(descriptors, descriptor, new Descriptor(textStream(target)))
      continue
    }
    if (operator === '<&' || (operator === '>&' && /^(\d+|-)$/.test(target))) {
      if (target === '-') {
        descriptors.get(descriptor)?.close()
        descriptors.delete(descriptor)
        continue
      }
      const source = descriptors.get(Number(target))
      if (!source) throw new CommandError(`${target}: Bad file descriptor`, 1)
      replace(descriptors, descriptor, source.copy())
      continue
    }
    const how = operator === '<' || operator === '<>' ? 'read' : operator === '>>' ? 'append' : 'write'
    let opened: Descriptor
    try {
      opened = shell.machine.open(shell.process, target, how)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      throw new CommandError(cannotOpen(shell, target, how, error.message), shell.flavour === 'dash' ? 2 : 1)
    }
    replace(descriptors, descriptor, opened)
    if (operator === '&>' || operator === '>&') replace(descriptors, 2, opened.copy())
  }
}

function cannotOpen(shell: RunningShell, target: string, how: 'read' | 'write' | 'append', why: string): string {
  if (shell.flavour === 'bash') return `${target}: ${why}`
  const missing = why === NO_ENTRY || why === NO_DIRECTORY
  if (how === 'read')
    return shell.flavour === 'dash'
      ? `cannot open ${target}: ${missing ? 'No such file' : why}`
      : `can't open ${target}: ${missing ? 'no such file' : why}`
  return shell.flavour === 'dash'
    ? `cannot create ${target}: ${missing ? 'Directory nonexistent' : why}`
    : `can't create ${target}: ${missing ? 'nonexistent directory' : why}`
}

export function replace(descriptors: Map<number, Descriptor>, number: number, by: Descriptor): void {
  const before = descriptors.get(number)
  descriptors.set(number, by)
  before?.close()
}
