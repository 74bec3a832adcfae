/** The commands of `lab`, one entry each: the help, the completion and the dispatch are made from this table. */
import type { LabStatus, Neighbour, RequestTrace } from '../../protocol/lab-control.ts'
import { call } from './call.ts'
import { COMPLETION } from './completion.ts'
import { printTrace } from './print-trace.ts'
import { UsageError, duration, noMoreThan, parseDuration, table, unknownCommand } from './usage.ts'

export interface Command {
  name: string
  usage: string
  about: string
  /** Needs no lab. */
  local?: boolean
  /** What is printed on standard output. */
  run(args: string[]): Promise<string> | string
}

type Clock = LabStatus['clock']

function clockLine({ speed, paused, elapsed }: Clock): string {
  return `lab time ${duration(elapsed)} since the start, ${paused ? 'paused' : `speed ${speed}`}\n`
}

async function node(args: string[]): Promise<string> {
  const [verb, name] = args
  const usage = 'Usage: lab node stop|start NAME'
  if (verb === undefined) throw new UsageError('expected stop or start', usage)
  if (verb !== 'stop' && verb !== 'start') throw unknownCommand(verb, 'lab node', ['stop', 'start'])
  if (name === undefined) {
    const { nodes } = await call<LabStatus>('GET', '/status')
    throw new UsageError(`a node's name is needed: ${nodes.map((each) => each.name).join(', ')}`, usage)
  }
  noMoreThan(2, args, 'lab node stop|start NAME')
  const {
    node: done,
    on,
    changed,
  } = await call<{ node: string; on: boolean; changed: boolean }>(
    'POST',
    `/nodes/${encodeURIComponent(name.replace(/^nodes?\//, ''))}/${verb}`,
  )
  return `node/${done} ${changed ? '' : 'already '}switched ${on ? 'on' : 'off'}\n`
}

async function clock(args: string[]): Promise<string> {
  const [verb, value] = args
  switch (verb) {
    case undefined:
      return clockLine((await call<LabStatus>('GET', '/status')).clock)
    case 'forward':
      if (value === undefined) throw new UsageError('a duration is needed', 'Usage: lab clock forward 5m')
      noMoreThan(2, args, 'lab clock forward DURATION')
      await call<Clock>('POST', '/clock', { forward: parseDuration(value) })
      return `clock forwarded by ${value}\n`
    case 'speed': {
      const speed = /^\d+(\.\d+)?x?$/.test(value ?? '') ? Number.parseFloat(value as string) : Number.NaN
      if (Number.isNaN(speed)) throw new UsageError('a number is needed, 1 being real time', 'Usage: lab clock speed 10')
      noMoreThan(2, args, 'lab clock speed NUMBER')
      await call<Clock>('POST', '/clock', { speed })
      return `clock runs at speed ${speed}\n`
    }
    case 'pause':
    case 'resume':
      noMoreThan(1, args, `lab clock ${verb}`)
      await call<Clock>('POST', '/clock', { paused: verb === 'pause' })
      return `clock ${verb}d\n`
    default:
      throw unknownCommand(verb, 'lab clock', ['forward', 'speed', 'pause', 'resume'])
  }
}

async function status(args: string[]): Promise<string> {
  noMoreThan(0, args, 'lab status')
  const lab = await call<LabStatus>('GET', '/status')
  const nodes = [
    ['NODE', 'ADDRESS', 'POWER', 'READY'],
    ...lab.nodes.map(({ name, address, on, ready }) => [name, address, on ? 'on' : 'off', ready]),
  ]
  return `preset ${lab.preset}: Kubernetes ${lab.kubernetes}${lab.metallb ? `, MetalLB ${lab.metallb}` : ''}\n${clockLine(lab.clock)}\n${table(nodes)}`
}

async function arp(args: string[]): Promise<string> {
  noMoreThan(0, args, 'lab arp')
  const neighbours = await call<Neighbour[]>('GET', '/neighbours')
  if (neighbours.length === 0) return 'The client outside knows no neighbours yet.\n'
  return table([
    ['ADDRESS', 'HWADDRESS', 'HOST', 'STATE'],
    ...neighbours.map(({ address, mac, host, state }) => [address, mac ?? '(incomplete)', host ?? '<none>', state]),
  ])
}

async function trace(args: string[]): Promise<string> {
  const [url] = args
  if (url === undefined) throw new UsageError('a URL is needed', 'Usage: lab trace http://192.168.1.11')
  noMoreThan(1, args, 'lab trace URL')
  return printTrace(await call<RequestTrace & { body: string | null }>('POST', '/trace', { url }))
}

const COMMANDS: Command[] = [
  { name: 'node', usage: 'node stop|start NAME', about: 'Pull the plug of a machine, or put it back', run: node },
  { name: 'clock', usage: 'clock [forward 5m | speed 10 | pause | resume]', about: "See or change how the lab's time passes", run: clock },
  {
    name: 'reset',
    usage: 'reset',
    about: 'Start the lab over',
    async run(args) {
      noMoreThan(0, args, 'lab reset')
      const { preset } = await call<LabStatus>('POST', '/reset')
      return `lab reset to preset ${preset}\n`
    },
  },
  { name: 'status', usage: 'status', about: 'Versions, time and machines', run: status },
  { name: 'arp', usage: 'arp', about: 'The neighbour table of the client outside the cluster', run: arp },
  { name: 'trace', usage: 'trace URL', about: 'Send one request and show its way, hop by hop', run: trace },
  {
    name: 'completion',
    usage: 'completion bash',
    about: 'Print completion code for a shell',
    local: true,
    run([shell, ...more]) {
      if (shell !== 'bash')
        throw new UsageError(
          shell === undefined ? 'a shell is needed' : `unsupported shell type ${JSON.stringify(shell)}`,
          'Usage: lab completion bash',
        )
      noMoreThan(0, more, 'lab completion bash')
      return COMPLETION
    },
  },
  { name: 'help', usage: 'help', about: 'This text', local: true, run: () => help() },
]

function help(): string {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length)) + 2
  const lines = COMMANDS.map(({ usage, about }) => `  lab ${usage.padEnd(width)}${about}`)
  return `lab does to the embedded lab what kubectl cannot: its machines, its time, its network.\n\n${lines.join('\n')}\n`
}

/** The command of a command line and its arguments; no command at all is a call for help. */
export function findCommand(argv: string[]): { command: Command; rest: string[] } {
  const [word = 'help', ...rest] = argv
  const name = word === '-h' || word === '--help' || rest.includes('--help') || rest.includes('-h') ? 'help' : word
  const command = COMMANDS.find((each) => each.name === name)
  if (!command)
    throw unknownCommand(
      name,
      'lab',
      COMMANDS.map((each) => each.name),
    )
  return { command, rest }
}
