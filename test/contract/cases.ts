/**
 * Contract cases as text, so that they read as a session does:
 *
 *     ## a deployment is created from the command line         a case; it runs in a namespace of its own
 *     @only real: the lab has no metrics                       declared, not skipped in silence (real | lab)
 *     @file web.yaml                                           the lines up to the next blank one become a file in the working folder
 *     @until COMMAND                                           polls until the command succeeds (for what takes a cluster time)
 *     @quiet COMMAND                                           runs, and must succeed; prints nothing
 *     @sorted                                                  the next command's lines may come in any order
 *     $ kubectl create deployment web --image=nginx:1.25       a command line for bash, then what it answers
 *     deployment.apps/web created
 *     ! an error line
 *     [exit 1]
 */
export interface ContractCommand {
  kind: 'run' | 'until' | 'quiet'
  command: string
  sorted: boolean
  /** Normalized lines, `! ` before those of standard error, `[exit N]` last. */
  expected: string[]
}

export interface ContractCase {
  name: string
  line: number
  only: { where: 'real' | 'lab'; reason: string } | null
  files: Record<string, string>
  commands: ContractCommand[]
}

/** Reads a file of cases. Throws on a line that belongs nowhere: a case that is not run must not pass. */
export function parseCases(text: string, file: string): ContractCase[] {
  const cases: ContractCase[] = []
  let current: ContractCase | null = null
  let fileName: string | null = null
  let sorted = false
  text.split('\n').forEach((line, index) => {
    const fail = (message: string): never => {
      throw new Error(`${file}:${index + 1}: ${message}`)
    }
    if (line.startsWith('## ')) {
      current = { name: line.slice(3), line: index + 1, only: null, files: {}, commands: [] }
      cases.push(current)
      fileName = null
      return
    }
    if (current === null) return line.trim() === '' || line.startsWith('//') ? undefined : fail('expected a case that starts with `## `')
    if (fileName !== null) {
      if (line === '') fileName = null
      else current.files[fileName] += `${line}\n`
      return
    }
    const directive = /^@(only|file|until|quiet|sorted)\b ?(.*)$/.exec(line)
    if (directive) {
      const [, word, rest = ''] = directive
      if (word === 'only') {
        const only = /^(real|lab): (.+)$/.exec(rest) ?? fail('expected `@only real: REASON` or `@only lab: REASON`')
        current.only = { where: only[1] as 'real' | 'lab', reason: only[2] as string }
      } else if (word === 'file') {
        fileName = rest
        current.files[fileName] = ''
      } else if (word === 'sorted') sorted = true
      else current.commands.push({ kind: word as 'until' | 'quiet', command: rest, sorted: false, expected: [] })
      return
    }
    if (line.startsWith('$ ')) {
      current.commands.push({ kind: 'run', command: line.slice(2), sorted, expected: [] })
      sorted = false
      return
    }
    const last = current.commands.at(-1)
    if (line === '' && (last === undefined || last.expected.length === 0 || last.kind !== 'run')) return
    if (last === undefined || last.kind !== 'run') fail('output without a command')
    else last.expected.push(line)
  })
  for (const one of cases) for (const command of one.commands) while (command.expected.at(-1) === '') command.expected.pop()
  return cases
}

/** The file again, with what was answered now: the update flag's work. */
export function printCases(cases: readonly ContractCase[]): string {
  return cases
    .map((one) => {
      const lines = [`## ${one.name}`]
      if (one.only) lines.push(`@only ${one.only.where}: ${one.only.reason}`)
      for (const [name, text] of Object.entries(one.files)) lines.push(`@file ${name}`, ...text.trimEnd().split('\n'), '')
      for (const command of one.commands) {
        if (command.kind !== 'run') lines.push(`@${command.kind} ${command.command}`)
        else lines.push(...(command.sorted ? ['@sorted'] : []), `$ ${command.command}`, ...command.expected)
      }
      return lines.join('\n')
    })
    .join('\n\n')
    .concat('\n')
}
