import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readOneContext } from '../../../server/cluster/kubeconfig.ts'
import { Problem } from '../../../server/problem.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-test-'))
  return () => rm(folder, { recursive: true })
})

async function file(text: string): Promise<string> {
  const path = join(folder, 'config')
  await writeFile(path, text)
  return path
}

const TWO = `
apiVersion: v1
kind: Config
clusters:
- {name: a, cluster: {server: "https://a.example:6443", certificate-authority: ca.crt}}
- {name: b, cluster: {server: "https://b.example:6443"}}
users:
- {name: ua, user: {client-key: keys/a.key, token: secret-a}}
- {name: ub, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, env: [{name: HOME, value: /mine}]}}}
contexts:
- {name: ca, context: {cluster: a, user: ua, namespace: kube-system}}
- {name: cb, context: {cluster: b, user: ub}}
- {name: broken, context: {cluster: c, user: ub}}
current-context: ca
`

describe('a kubeconfig', () => {
  it('is cut down to its current context, with absolute paths, in the namespace default', async () => {
    const { context, server, text } = await readOneContext(await file(TWO), null)
    expect([context, server]).toEqual(['ca', 'https://a.example:6443'])
    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'a', cluster: { server: 'https://a.example:6443', 'certificate-authority': join(folder, 'ca.crt') } }],
      users: [{ name: 'ua', user: { 'client-key': join(folder, 'keys/a.key'), token: 'secret-a' } }],
      contexts: [{ name: 'ca', context: { cluster: 'a', user: 'ua', namespace: 'default' } }],
      'current-context': 'ca',
    })
  })

  it("gives a plug-in that fetches credentials the host's PATH, and keeps what it has", async () => {
    const { text } = await readOneContext(await file(TWO), 'cb')
    const { exec } = parse(text).users[0].user
    expect(exec.command).toMatch(/^\/.*\/sh$/)
    expect(exec.env).toEqual([
      { name: 'HOME', value: '/mine' },
      { name: 'PATH', value: process.env.PATH },
    ])
    expect(text).not.toContain('secret-a')
  })

  it.each([
    ['a: [', null, 'this is no YAML'],
    ['hello', null, 'this is no kubeconfig'],
    ['{}', null, 'this is no kubeconfig (clusters'],
    [TWO.replace('https://a.example:6443', 'nowhere'), null, 'this is no kubeconfig (clusters.0.cluster.server'],
    [TWO, 'cx', 'it has no context cx; choose one with --context: ca, cb, broken'],
    [TWO.replace('current-context: ca', ''), null, 'it has no current context; choose one with --context: ca, cb, broken'],
    [TWO, 'broken', 'the context broken names the cluster c, which is not in the file'],
  ])('that is %j cannot be used, and one line says why', async (text, context, message) => {
    const path = await file(text)
    const problem = await readOneContext(path, context).catch((error: unknown) => error)
    expect(problem).toBeInstanceOf(Problem)
    expect((problem as Problem).message).toContain(`--kubeconfig ${path}: `)
    expect((problem as Problem).message).toContain(message)
    expect((problem as Problem).message).not.toContain('\n')
  })

  it('that is not there cannot be used', async () => {
    await expect(readOneContext('/nowhere/config', null)).rejects.toThrow('--kubeconfig /nowhere/config: there is no such file')
  })
})
