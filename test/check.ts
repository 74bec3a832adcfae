/** `npm run check`: what to run before a push. Format, lint with the layer rules, types of .ts and .vue, unit tests. `--fix` mends what can be mended. */
import { spawnSync } from 'node:child_process'

const fix = process.argv.includes('--fix')
const steps: [string, string, string[]][] = [
  ['format', 'oxfmt', fix ? [] : ['--check']],
  ['lint', 'oxlint', fix ? ['--fix'] : []],
  ['types', 'vue-tsc', ['--noEmit', '-p', 'tsconfig.json']],
  ['unit tests', 'vitest', ['run', '--project', 'unit']],
]
const failed: string[] = []
for (const [what, command, args] of steps) {
  process.stderr.write(`\n— ${what}\n`)
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) failed.push(what)
}
process.stderr.write(failed.length > 0 ? `\nnot clean: ${failed.join(', ')}\n` : '\nall clean\n')
process.exit(failed.length > 0 ? 1 : 0)
