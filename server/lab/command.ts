/**
 * `lab`: what a person does to the embedded lab that no kubectl can do. Runs in the pane's shell; finds the lab by $LAB_SERVER. Exits with 0, with 1
 * where the lab refuses, with 2 where the command line is wrong or there is no lab to talk to.
 */
import { findCommand } from './command/commands.ts'
import { UsageError } from './command/usage.ts'
import { LabRefusal, LabUnreachable } from './command/call.ts'

const NO_LAB = `error: this shell works on a cluster that the deck did not start, and "lab" only knows the embedded lab
On a real cluster: switch a machine off by its own power switch, watch it with "kubectl get node -w",
and wait as long as the cluster needs; to start over, delete what the steps created.`

async function main(argv: string[]): Promise<number> {
  const { command, rest } = findCommand(argv)
  if (!command.local && !process.env.LAB_SERVER) {
    process.stderr.write(NO_LAB + '\n')
    return 2
  }
  process.stdout.write(await command.run(rest))
  return 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`error: ${error.message}\n${error.hint}\n`)
    process.exitCode = 2
  } else if (error instanceof LabRefusal) {
    process.stderr.write(`Error from lab: ${error.message}\n`)
    process.exitCode = 1
  } else if (error instanceof LabUnreachable) {
    process.stderr.write(`The connection to the lab ${process.env.LAB_SERVER} was refused - is the deck still running?\n`)
    process.exitCode = 2
  } else throw error
}
