#!/usr/bin/env node
/** The command line: `npm start`, `npm run dev`, `npm run lab`, `npm run build`, `npm run record`, `npm run export`. */
import { cac } from 'cac'
import { say } from './commands/console.ts'
import { end, endOnSignals } from './commands/lifecycle.ts'
import { readConfig, type Config } from './config.ts'
import { Problem } from './problem.ts'
import { PRESET_NAMES } from './protocol/lab-control.ts'

/** What a person can mend ends with this code, one line and no stack. */
const PROBLEM = 2
const FAULT = 1

/** What is typed before a command's name; npm takes the options behind `--`. */
const cli = cac('npm run')
const PRESETS = `${PRESET_NAMES.join(', ')} (today)`

function withServerOptions(command: ReturnType<typeof cli.command>): typeof command {
  return command
    .option('--port <number>', 'Port to listen on; 0 takes any free one (3030)')
    .option('--host <address>', 'Address to listen on (127.0.0.1)')
    .option('--no-open', 'Open no browser')
    .option('--preset <name>', `What the embedded cluster starts from: ${PRESETS}`)
    .option('--kubeconfig <file>', 'Use a real cluster instead of the embedded one')
    .option('--context <name>', 'Context of the kubeconfig (its current one)')
    .option('--pool <range>', 'Addresses for load balancers on that cluster: FIRST-LAST')
    .option('--yes', 'Agree to writing to the real cluster without being asked')
    .option('--json', 'Print one line of JSON on standard output once ready: deck, presenter, kubeconfig, pid')
}

/** A command that works until it is ended by a signal. */
function serving(run: (config: Config) => Promise<void>): (options: Record<string, unknown>) => Promise<void> {
  return async ({ '--': _rest, ...options }) => {
    endOnSignals()
    await run(readConfig(options))
  }
}

withServerOptions(cli.command('start', 'Serve the built deck with live labs')).action(
  serving(async (config) => (await import('./commands/start.ts')).start(config)),
)
withServerOptions(cli.command('dev', "Slidev's dev server with live labs, for authors")).action(
  serving(async (config) => (await import('./commands/dev.ts')).dev(config)),
)
cli.command('build', 'Build the deck into dist/, a static site').action(async () => {
  endOnSignals()
  await (await import('./commands/build.ts')).build()
})
cli
  .command('record', 'Run every lab and write its recording into public/recordings/')
  .option('--lab <name>', 'This lab alone; may be given several times')
  .action(async ({ lab }: { lab?: string | string[] }) => {
    endOnSignals()
    await (await import('./commands/record.ts')).record(lab === undefined ? [] : [lab].flat())
    await end(0)
  })
cli
  .command('export', 'Print the deck as a PDF, from the recordings')
  .option('--output <file>', 'Path of the PDF (onprem-loadbalancer.pdf)')
  .option('--dark', 'Dark pages')
  .action(async ({ '--': _rest, ...options }) => {
    endOnSignals()
    await (await import('./commands/export.ts')).exportDeck(options)
    await end(0)
  })
cli
  .command('lab', 'The embedded cluster alone, until it is ended')
  .option('--port <number>', 'Port of its API server; 0 takes any free one')
  .option('--kubeconfig <file>', 'Where to write its kubeconfig')
  .option('--preset <name>', `What it starts from: ${PRESETS}`)
  .option('--speed <factor>', 'How many times faster than real time it runs (1)')
  .option('--workers <number>', 'How many worker nodes it has, w1-k8s and so on (3)')
  .option('--seed <number>', 'Makes names and picks the same in every run')
  .option('--json', 'Print one line of JSON on standard output once ready: server, kubeconfig, proxy, pid')
  .action(async ({ '--': _rest, ...options }) => (await import('./commands/lab.ts')).lab(options))
for (const command of cli.commands) command.usage(`${command.name} -- [options]`)
cli.help((sections) => {
  const [, ...rest] = sections
  // cac knows `--no-open` as an `--open` that is on; nobody can give that one
  const told = rest.map((section) => ({ ...section, body: section.body.replace(' (default: true)', '') }))
  if (cli.matchedCommand) return [{ body: cli.matchedCommand.description }, ...told]
  const commands = told.filter((section) => section.title === 'Commands')
  return [
    { title: 'Usage', body: '  $ npm run <command> -- [options]' },
    ...commands,
    { body: '`npm run <command> -- --help` tells the options of one' },
  ]
})

async function main(): Promise<void> {
  const { options } = cli.parse(process.argv, { run: false })
  if (options.help) return
  if (!cli.matchedCommand) {
    const given = cli.args[0]
    const what = given === undefined ? 'no command is given' : `there is no command ${given}`
    throw new Problem(`${what}: choose one of ${cli.commands.map((command) => command.name).join(', ')} (--help tells more)`)
  }
  if (cli.args.length > 0) throw new Problem(`${cli.args.join(' ')} is no option: see --help`)
  try {
    cli.matchedCommand.checkUnknownOptions()
    cli.matchedCommand.checkOptionValue()
  } catch (error) {
    throw new Problem(`${error instanceof Error ? error.message : error}: see --help`)
  }
  await cli.runMatchedCommand()
}

try {
  await main()
} catch (error) {
  if (error instanceof Problem) {
    say.error(error.message)
    await end(PROBLEM)
  }
  say.error(error)
  await end(FAULT)
}
