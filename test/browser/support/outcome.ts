/** What the screen has to show once a step has run, told by the cluster itself and not by the terminal. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { Step } from '../../../server/protocol/lab.ts'
import { findingInEnglish } from '../../../server/english.ts'
import { verdict } from '../../../server/topology/verdict.ts'
import { words, type Kubectl } from './kubectl.ts'
import { ROOT } from './start-deck.ts'

export const PROMPT = '[root@m-k8s ~]#'

/** A line of the terminal: its text with ages and times folded, or what it has to match. */
type Expected = string | RegExp

/** Ages and times go on between two looks; columns move with them. */
function fold(line: string): string {
  return line
    .replace(/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>')
    .replace(/(?<![\w.-])(?=\d+[ydhms])(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?![\w-])/g, '<age>')
    .replace(/\(x\d+ over <age>\)/, '(<age>)')
    .replace(/(?<=\S)\s{2,}/g, '  ')
    .replace(/-{3,}/g, '---')
    .trimEnd()
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

async function podNames(kubectl: Kubectl): Promise<string> {
  const pods = await kubectl.json(['get', 'pods'])
  return pods.items.map((pod: any) => escaped(pod.metadata.name)).join('|')
}

/** Kinds as kubectl names them in what it prints, by what may be typed for them. */
const PRINTED: Record<string, string> = { deployment: 'deployment.apps', deploy: 'deployment.apps', service: 'service', svc: 'service' }

async function kubectlOutput(args: string[], kubectl: Kubectl): Promise<Expected[]> {
  const [verb, ...rest] = args
  const plain = rest.filter((arg, index) => !arg.startsWith('-') && !/^-[np]$/.test(rest[index - 1] ?? ''))
  const [kind = '', name = ''] = plain
  switch (verb) {
    case 'get':
    case 'describe': {
      const { text } = await kubectl.run(args)
      return text.trimEnd().split('\n').map(fold)
    }
    case 'apply': {
      // a server may warn of what it will not have for ever: that is told before the line
      const names = await kubectl.namesIn(rest[rest.indexOf('-f') + 1]!)
      return names.map((one) => `${one} created`)
    }
    case 'create':
      return [`${PRINTED[kind]}/${name} created`]
    case 'expose':
      return [`service/${rest.find((arg) => arg.startsWith('--name='))!.slice('--name='.length)} exposed`]
    case 'patch':
      return [`${PRINTED[kind]}/${name} patched`]
    case 'scale':
      return [`${PRINTED[kind]}/${name} scaled`]
    case 'delete':
      return plain.map((one) => {
        const [type, object] = one.split('/') as [string, string]
        return new RegExp(`^${escaped(PRINTED[type]!)} "${escaped(object)}" deleted( from default namespace)?$`)
      })
  }
  throw new Error(`nothing is known of what kubectl ${verb} prints: teach it to test/browser/support/outcome.ts`)
}

/** The lines that a finished step prints. */
async function output(step: Step, kubectl: Kubectl): Promise<Expected[]> {
  const [program, ...args] = words(step.command)
  if (program === 'kubectl') return kubectlOutput(args, kubectl)
  if (program === 'cat') return (await readFile(join(ROOT, 'public/manifests', args[0]!), 'utf8')).trimEnd().split('\n').map(fold)
  if (program === 'curl') {
    const answer = new RegExp(`^(${await podNames(kubectl)})$`)
    return args.filter((arg) => arg.startsWith('http')).map(() => answer)
  }
  // a loop over addresses, one request each
  const loop = /^for \w+ in (.+?); do .*\bcurl .*; done$/.exec(step.command)
  if (loop) {
    const answer = new RegExp(`^(${await podNames(kubectl)})$`)
    return loop[1]!.split(/\s+/).map(() => answer)
  }
  if (program === 'lab' && args[0] === 'node') return [`node/${args[2]} switched ${args[1] === 'stop' ? 'off' : 'on'}`]
  if (program === 'lab' && args[0] === 'clock') return [fold(`clock forwarded by ${args[2]}`)]
  throw new Error(`nothing is known of what ${program} prints: teach it to test/browser/support/outcome.ts`)
}

/** The command as it stands in the terminal. */
export function typed(step: Step): string[] {
  return step.command.split('\n').map((line, index) => `${index === 0 ? PROMPT : '>'} ${line}`.trimEnd())
}

/** A pod that was still coming up when kubectl was asked for it may be up by now: its state is then no part of what has to agree. */
const COMING_UP = /(\S+) {2}0\/1 {2}(?:Pending|ContainerCreating|Running) {2}0 {2}.*/
function agrees(shown: string, expected: Expected): boolean {
  if (expected instanceof RegExp) return expected.test(shown)
  const folded = fold(shown)
  if (folded === expected) return true
  const early = COMING_UP.exec(folded)
  return early !== null && expected.startsWith(`${early[1]}  `)
}

/**
 * Asserts that the screen ends with the prompt, the command, everything that it had to print and the next prompt, as much of it as there is room for.
 * A line that is wrapped or cut is none that agrees.
 */
export async function expectOutput(rows: string[], size: number, step: Step, kubectl: Kubectl): Promise<void> {
  const expected = [...typed(step).map(fold), ...(await output(step, kubectl)), PROMPT]
  const shown = rows.filter((row) => !row.startsWith('Warning: '))
  const room = Math.min(expected.length, size - (rows.length - shown.length))
  const last = shown.slice(-room)
  const wrong = expected.slice(-room).findIndex((line, index) => !agrees(last[index] ?? '(nothing)', line))
  if (wrong === -1) return
  expect(last, `the screen after ${step.id} ${step.command}`).toEqual(
    expected.slice(-room).map((line, index) => (agrees(last[index] ?? '', line) ? last[index] : line)),
  )
}

/** Asserts that every check of the step holds by a look of our own. */
export async function expectChecks(step: Step, kubectl: Kubectl): Promise<void> {
  for (const check of step.checks) {
    // what the command answered is on the screen
    if (check.kind === 'exit') continue
    const found = verdict(check, await kubectl.objects(check.subject))
    expect(found.holds, `${step.id}: ${check.text}: ${findingInEnglish(found.found)}`).toBe(true)
  }
}
