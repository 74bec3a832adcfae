/** `npm test`: unit and kubectl tests, then the browser tests on a fresh build. Prints what passed and failed; exit code 1 where anything failed. */
import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'

interface Count {
  passed: number
  failed: number
  skipped: number
}

function run(command: string, args: string[]): Promise<number> {
  process.stderr.write(`\n$ ${command} ${args.join(' ')}\n`)
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' })
    child.on('error', (error) => {
      process.stderr.write(`${command}: ${error.message}\n`)
      resolve(127)
    })
    child.on('close', (code) => resolve(code ?? 1))
  })
}

async function readReport(path: string): Promise<Record<string, any> | null> {
  return readFile(path, 'utf8').then(
    (text) => JSON.parse(text),
    () => null,
  )
}

/** A suite that wrote no report, or whose runner failed without a failed test, counts as one failure: silence is not success. */
function honest(count: Count | null, code: number): Count {
  if (count === null) return { passed: 0, failed: 1, skipped: 0 }
  return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count
}

await rm('test-results', { recursive: true, force: true })
await mkdir('test-results', { recursive: true })
const only = process.argv.slice(2)
const counts: Count[] = []

if (only.length === 0 || only.includes('vitest')) {
  const code = await run('vitest', [
    'run',
    '--project',
    'unit',
    '--project',
    'kubectl',
    '--project',
    'contract',
    '--reporter=default',
    '--reporter=json',
    '--outputFile.json=test-results/vitest.json',
  ])
  const report = await readReport('test-results/vitest.json')
  counts.push(
    honest(
      report && { passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests + report.numTodoTests },
      code,
    ),
  )
}
if (only.length === 0 || only.includes('browser')) {
  const built = await run('node', ['server/cli.ts', 'build'])
  const code = built === 0 ? await run('playwright', ['test']) : built
  const report = await readReport('test-results/browser.json')
  counts.push(
    honest(
      report && { passed: report.stats.expected + report.stats.flaky, failed: report.stats.unexpected, skipped: report.stats.skipped },
      code,
    ),
  )
}

const total = counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }))
const line = `${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`
await writeFile('test-results/summary.txt', line + '\n')
process.stdout.write(`\n${line}\n`)
process.exit(total.failed > 0 ? 1 : 0)
