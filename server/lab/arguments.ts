/** The command line of the lab's process. */
import { parseArgs } from 'node:util'

export interface LabArguments {
  preset: string
  /** 0 picks a free one. */
  port: number
  /** Where to write the kubeconfig; null: a file of its own in a temporary folder. */
  kubeconfig: string | null
  speed: number
  seed: number
  /** How many worker nodes; null: as many as the preset has. */
  workers: number | null
  json: boolean
  untilStdinCloses: boolean
}

/** What is wrong with the command line or its surroundings, in one line: what, where, what to do. */
export class UsageError extends Error {}

function number(name: string, text: string, least: number, what: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new UsageError(`--${name} ${JSON.stringify(text)} is not ${what}`)
  }
  return value
}

/** Throws UsageError. */
export function parseArguments(argv: string[]): LabArguments {
  let values
  try {
    ;({ values } = parseArgs({
      args: argv,
      strict: true,
      options: {
        preset: { type: 'string', default: 'today' },
        port: { type: 'string', default: '0' },
        kubeconfig: { type: 'string' },
        speed: { type: 'string', default: '1' },
        seed: { type: 'string' },
        workers: { type: 'string' },
        json: { type: 'boolean', default: false },
        'until-stdin-closes': { type: 'boolean', default: false },
      },
    }))
  } catch (error) {
    throw new UsageError(
      `${(error as Error).message.split('. ')[0]}; it takes --preset NAME, --port N, --kubeconfig FILE, --speed X, --seed N, --workers N, --json, --until-stdin-closes`,
    )
  }
  const port = number('port', values.port, 0, 'a port (0 to 65535; 0 picks a free one)')
  if (!Number.isInteger(port) || port > 65_535) throw new UsageError(`--port ${values.port} is not a port (0 to 65535; 0 picks a free one)`)
  const speed = number('speed', values.speed, 0, 'a speed (1 is real time)')
  if (speed === 0) throw new UsageError('--speed 0 would stand still: name a number above 0, and pause with `lab clock pause`')
  return {
    preset: values.preset,
    port,
    kubeconfig: values.kubeconfig ?? null,
    speed,
    seed: values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : number('seed', values.seed, 0, 'a number from 0'),
    workers: values.workers === undefined ? null : number('workers', values.workers, 0, 'a number of worker nodes, like 50'),
    json: values.json,
    untilStdinCloses: values['until-stdin-closes'],
  }
}
