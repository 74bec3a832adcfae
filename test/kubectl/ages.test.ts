/** Ages after the lab's clock was forwarded: what kubectl reckons by its own machine's clock, and what goes back to the server. */
import { writeFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKubectlLab, type KubectlLab } from './lab.ts'

describe.each([
  ['5m', 5 * 60_000, 1],
  ['8h', 8 * 3_600_000, 1],
  ['5m at ten times the speed', 5 * 60_000, 10],
])('after a clock forwarded by %s', (_name, ms, speed) => {
  let lab: KubectlLab
  const clock = () => lab.server.cluster.current().clock

  const ready = async (): Promise<void> => {
    expect((await lab.run('rollout status deployment/web --timeout=30s')).code).toBe(0)
  }

  beforeAll(async () => {
    lab = await startKubectlLab('today', speed)
    await lab.run('create deployment web --image=nginx --replicas=2')
    await lab.run('expose deployment web --port=80')
    await lab.run('create configmap before --from-literal=a=1')
    await ready()
    await clock().forward(ms)
  })
  afterAll(async () => {
    expect(lab.faults).toEqual([])
    await lab.stop()
  })

  /** kubectl's words for an age of at least five minutes; the oldest of an event that came again in brackets behind it. */
  const old = '(?:[5-9]|1\\d)m(?:\\d+s)?'

  it.each(['pod -l app=web', 'node m-k8s', 'deployment web', 'service web', 'configmap before', 'lease'])(
    'describe %s tells no time that is yet to come',
    async (what) => {
      const { stdout, code } = await lab.run(`describe ${what}`)
      expect(code).toBe(0)
      expect(stdout).not.toContain('<invalid>')
      // times are printed in full: none of them is later than now
      const times = [...stdout.matchAll(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g)].map(([text]) =>
        Date.parse(text),
      )
      for (const time of times) expect(time).toBeLessThanOrEqual(Date.now() + 2_000)
    },
  )

  it('events are as old for kubectl as they are for the server', async () => {
    // an event lives for an hour
    if (ms >= 3_600_000) {
      await lab.run('scale deployment web --replicas=1')
      await lab.run('scale deployment web --replicas=2')
      await ready()
      await clock().forward(5 * 60_000)
    }
    const described = (await lab.run('describe deployment web')).stdout
    expect(described).toMatch(new RegExp(`ScalingReplicaSet +${old} +deployment-controller`))
    const events = await lab.run('events --for deployment/web')
    expect(events.stdout).toMatch(new RegExp(`^${old} .*ScalingReplicaSet`, 'm'))
    const table = await lab.run('get events --field-selector involvedObject.name=web')
    expect(table.stdout).toMatch(new RegExp(`^${old} .*ScalingReplicaSet`, 'm'))
  })

  it('what is made now is young, beside what is old', async () => {
    await lab.run('create configmap after --from-literal=a=1')
    const { items } = JSON.parse((await lab.run('get configmap before after -o json')).stdout) as {
      items: { metadata: { creationTimestamp: string } }[]
    }
    const [before, after] = items.map(({ metadata }) => (Date.now() - Date.parse(metadata.creationTimestamp)) / 1000) as [number, number]
    expect(before).toBeGreaterThanOrEqual(ms / 1000)
    expect(after).toBeGreaterThanOrEqual(-1)
    expect(after).toBeLessThan(60)
    expect((await lab.run('get configmap before after --sort-by=.metadata.creationTimestamp -o name')).stdout).toBe(
      'configmap/before\nconfigmap/after\n',
    )
  })

  it('replace of what get printed changes nothing', async () => {
    const read = async () => JSON.parse((await lab.run('get deployment web -o json --show-managed-fields')).stdout)
    const before = await read()
    const yaml = (await lab.run('get deployment web -o yaml --show-managed-fields')).stdout
    const replaced = await lab.kubectl(['replace', '-f', '-'], yaml)
    expect(replaced).toMatchObject({ stdout: 'deployment.apps/web replaced\n', code: 0 })
    const after = await read()
    expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion)
    expect(after.metadata.generation).toBe(before.metadata.generation)
  })

  it('apply and diff of what get printed find no difference of times', async () => {
    const yaml = (await lab.run('get configmap before -o yaml')).stdout
    expect(await lab.kubectl(['apply', '-f', '-'], yaml)).toMatchObject({ code: 0, stdout: 'configmap/before configured\n' })
    const { creationTimestamp, resourceVersion, ...metadata } = JSON.parse((await lab.run('get configmap before -o json')).stdout).metadata
    expect(resourceVersion).toMatch(/^\d+$/)
    const file = JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: metadata.name, creationTimestamp: null },
      data: { a: '2' },
    })
    const diff = await lab.kubectl(['diff', '-f', '-'], file)
    const changed = diff.stdout.split('\n').filter((line) => /^[-+] /.test(line))
    expect(
      changed.filter(
        (line) =>
          !line.includes('a: "') && !line.includes('last-applied') && !line.includes('{"apiVersion"') && !line.includes('annotations'),
      ),
    ).toEqual([])
    expect(changed).toContain('+  a: "2"')
    expect(creationTimestamp).toMatch(/Z$/)
  })

  it('edit changes what was edited, and nothing else', async () => {
    const editor = join(process.env['TMPDIR'] ?? '/tmp', `ages-editor-${process.pid}`)
    writeFileSync(editor, '#!/bin/sh\nsed -i "s/replicas: 2/replicas: 3/" "$1"\n')
    chmodSync(editor, 0o700)
    const before = JSON.parse((await lab.run('get deployment web -o json')).stdout)
    const edited = await lab.kubectl(['edit', 'deployment', 'web'], '', { EDITOR: editor })
    expect(edited).toMatchObject({ code: 0, stdout: 'deployment.apps/web edited\n' })
    await ready()
    const after = JSON.parse((await lab.run('get deployment web -o json')).stdout)
    expect(after.spec.replicas).toBe(3)
    const drift = Math.abs(Date.parse(after.metadata.creationTimestamp) - Date.parse(before.metadata.creationTimestamp))
    if (speed === 1) expect(drift).toBeLessThanOrEqual(1_000)
  })

  it('logs since then, with times, are those of the last while', async () => {
    await lab.kubectl(['run', 'talker', '--image=busybox', '--restart=Never', '--command', '--', 'sh', '-c', 'echo now'])
    await lab.run('wait --for=jsonpath={.status.phase}=Succeeded pod/talker --timeout=30s')
    const { stdout } = await lab.run('logs talker --timestamps')
    const [time = '', text] = stdout.trim().split(' ')
    expect(text).toBe('now')
    expect(Math.abs(Date.now() - Date.parse(time))).toBeLessThan(30_000)
    expect((await lab.run(`logs talker --since-time=${new Date(Date.now() - 60_000).toISOString()}`)).stdout).toBe('now\n')
    expect((await lab.run(`logs talker --since-time=${new Date(Date.now() + 60_000).toISOString()}`)).stdout).toBe('')
  })

  it('a watch tells times of now', async () => {
    const watched = lab.kubectl([
      'get',
      'configmap',
      '-w',
      '-o',
      'jsonpath={.metadata.name} {.metadata.creationTimestamp}{"\\n"}',
      '--request-timeout=3s',
    ])
    await lab.run('create configmap seen --from-literal=a=1')
    const line = (await watched).stdout.split('\n').find((each) => each.startsWith('seen '))
    expect(Math.abs(Date.now() - Date.parse(line?.split(' ')[1] ?? ''))).toBeLessThan(30_000)
  })
})
