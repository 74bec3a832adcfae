/** A second, independent look at a lab's cluster. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { CheckSubject } from '../../../server/protocol/lab.ts'
import { LAB_CONTROL_PATH, type LabStatus } from '../../../server/protocol/lab-control.ts'
import { resolveKubectl } from '../../../server/kubectl.ts'

const MANIFESTS = new URL('../../../public/manifests', import.meta.url).pathname

/** kube-proxy's shortest period between two writes, and the write, ms. */
const RULES_WITHIN = 1_100

/** Splits a command as a shell would, as far as the talk's commands need it: blanks and single quotes. */
export function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => (quoted ?? plain)!)
}

export class Kubectl {
  readonly kubeconfig: string
  private readonly program: string

  private constructor(program: string, kubeconfig: string) {
    this.program = program
    this.kubeconfig = kubeconfig
  }

  static async of(kubeconfig: string): Promise<Kubectl> {
    return new Kubectl(await resolveKubectl(), kubeconfig)
  }

  /** What kubectl prints, both streams in one, with its exit code. Files are those that lie in the shell's HOME. */
  run(args: readonly string[]): Promise<{ code: number; text: string }> {
    return new Promise((resolve, reject) => {
      const env = { ...process.env, KUBECONFIG: this.kubeconfig }
      execFile(this.program, args, { cwd: MANIFESTS, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ code: error ? (error.code as unknown as number) : 0, text: stdout + stderr })
      })
    })
  }

  async json(args: readonly string[]): Promise<any> {
    const { code, text } = await this.run([...args, '-o', 'json'])
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} -o json: ${text}`)
    return text.trim() === '' ? null : JSON.parse(text)
  }

  /** The objects that a check looks at. */
  async objects({ resource, name, namespace, selector }: CheckSubject): Promise<any[]> {
    const args = ['get', resource, ...(name === null ? [] : [name]), '-n', namespace, '--ignore-not-found']
    const found = await this.json(selector === null ? args : [...args, '-l', selector])
    if (found === null) return []
    return found.kind === 'List' ? found.items : [found]
  }

  /** The names of the objects in a manifest as kubectl writes them, in its order. */
  async namesIn(file: string): Promise<string[]> {
    const { code, text } = await this.run(['get', '-f', file, '-o', 'name'])
    if (code !== 0) throw new Error(`kubectl get -f ${file}: ${text}`)
    return text.trimEnd().split('\n')
  }

  async status(): Promise<LabStatus> {
    const { text } = await this.run(['get', '--raw', join(LAB_CONTROL_PATH, 'status')])
    return JSON.parse(text)
  }

  /** Waits until lab time has gone on so far that every kube-proxy has written its rules: they write at most once a second, and tell nobody. */
  async rulesAreWritten(): Promise<void> {
    const since = (await this.status()).clock.at
    await expect.poll(async () => (await this.status()).clock.at - since).toBeGreaterThan(RULES_WITHIN)
  }

  async preset(): Promise<string> {
    return (await this.status()).preset
  }
}
