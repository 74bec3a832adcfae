/**
 * One body of cases, against the embedded lab or against whatever cluster KUBECONFIG names (`npm run test:contract`). CONTRACT_UPDATE=1 with a real cluster
 * writes down what that cluster answers: the expectations are its words, never the lab's.
 */
import { spawn } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCases, printCases, type ContractCase, type ContractCommand } from './cases.ts'
import { startCluster, type ContractCluster } from './cluster.ts'
import { normalize } from './normalize.ts'

const update = process.env.CONTRACT_UPDATE === '1'
const folder = new URL('cases/', import.meta.url).pathname
const files = globSync('*.contract', { cwd: folder }).toSorted()

/** How long `@until` waits for a cluster to get there. Lab time runs faster than this where the lab is asked to. */
const UNTIL_LIMIT = 45_000

interface Answer {
  stdout: string
  stderr: string
  code: number
}

function bash(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (data) => (stdout += data))
    child.stderr.on('data', (data) => (stderr += data))
    child.on('error', reject)
    child.on('close', (code) => resolve({ stdout, stderr, code: code ?? 1 }))
  })
}

function lines(answer: Answer, command: ContractCommand, namespace: string): string[] {
  const out = answer.stdout === '' ? [] : normalize(answer.stdout, namespace)
  const shown = [
    ...(command.sorted ? out.toSorted() : out),
    ...(answer.stderr === '' ? [] : normalize(answer.stderr, namespace).map((line) => `! ${line}`)),
    ...(answer.code === 0 ? [] : [`[exit ${answer.code}]`]),
  ]
  // the text form cannot tell an empty answer from trailing blank lines
  while (shown.at(-1) === '') shown.pop()
  return shown
}

let cluster: ContractCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster?.stop())

/** Runs a case in a namespace of its own. Returns what each of its commands answered. */
async function runCase(one: ContractCase): Promise<string[][]> {
  const work = await mkdtemp(join(tmpdir(), 'contract-'))
  const namespace = `c-${process.pid.toString(36)}${Math.random().toString(36).slice(2, 7)}`
  const kubeconfig = join(work, '.kubeconfig')
  const env = { ...cluster.env, HOME: work, KUBECONFIG: kubeconfig, KUBECACHEDIR: cluster.cache }
  try {
    await writeFile(kubeconfig, readFileSync(cluster.kubeconfig), { mode: 0o600 })
    for (const [name, text] of Object.entries(one.files)) await writeFile(join(work, name), text)
    // the default service account comes a moment after its namespace; pods need it
    const ready = await bash(
      `kubectl create namespace ${namespace} && kubectl config set-context --current --namespace=${namespace} &&
       for i in $(seq 100); do kubectl get serviceaccount default && exit 0; sleep 0.1; done; exit 1`,
      work,
      env,
    )
    if (ready.code !== 0) throw new Error(`no namespace to work in: ${ready.stderr}`)
    const answers: string[][] = []
    for (const command of one.commands) {
      const deadline = performance.now() + UNTIL_LIMIT
      let answer = await bash(command.command, work, env)
      while (command.kind === 'until' && answer.code !== 0) {
        if (performance.now() > deadline) throw new Error(`never came true: ${command.command}\n${answer.stdout}${answer.stderr}`)
        answer = await bash(`sleep 0.2; ${command.command}`, work, env)
      }
      if (command.kind === 'quiet' && answer.code !== 0) throw new Error(`${command.command}: ${answer.stderr}`)
      answers.push(command.kind === 'run' ? lines(answer, command, namespace) : [])
    }
    return answers
  } finally {
    await bash(`kubectl delete namespace ${namespace} --wait=false`, work, env)
    await rm(work, { recursive: true, force: true })
  }
}

for (const file of files) {
  describe(file.replace('.contract', ''), () => {
    const cases = parseCases(readFileSync(join(folder, file), 'utf8'), file)
    for (const one of cases) {
      const elsewhere = one.only !== null && one.only.where !== (process.env.KUBECONFIG ? 'real' : 'lab')
      test.skipIf(elsewhere)(elsewhere ? `${one.name} (only ${one.only?.where}: ${one.only?.reason})` : one.name, async () => {
        const answers = await runCase(one)
        if (update) one.commands.forEach((command, index) => (command.expected = answers[index] as string[]))
        else {
          const told = one.commands.map((command, index) => [`$ ${command.command}`, ...(answers[index] as string[])])
          expect(told).toEqual(one.commands.map((command) => [`$ ${command.command}`, ...command.expected]))
        }
      })
    }
    afterAll(() => {
      if (update) writeFileSync(join(folder, file), printCases(cases))
    })
  })
}
