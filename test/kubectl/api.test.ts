import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKubectlLab, type KubectlLab } from './lab.ts'

let lab: KubectlLab

beforeAll(async () => {
  lab = await startKubectlLab()
})

afterAll(async () => {
  expect(lab.faults).toEqual([])
  await lab.stop()
})

const DEPLOYMENT = (replicas: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: applied }
spec:
  ${replicas}
  selector: { matchLabels: { app: applied } }
  template:
    metadata: { labels: { app: applied } }
    spec: { containers: [{ name: web, image: nginx }] }
`

describe('kubectl', () => {
  it('creates from protobuf bodies, scales, and deletes', async () => {
    expect(await lab.run('create deployment web --image=nginx --replicas=2')).toMatchObject({
      stdout: 'deployment.apps/web created\n',
      code: 0,
    })
    expect((await lab.run('rollout status deployment/web --timeout=30s')).stdout).toContain('successfully rolled out')
    expect((await lab.run('scale deployment web --replicas=3')).stdout).toBe('deployment.apps/web scaled\n')
    expect((await lab.run('wait --for=jsonpath={.status.readyReplicas}=3 deployment/web --timeout=30s')).code).toBe(0)
    expect((await lab.run('delete deployment web')).code).toBe(0)
    expect((await lab.run('get deployment web')).stderr).toContain('Error from server (NotFound): deployments.apps "web" not found')
  })

  it('creates from generators of other kinds too', async () => {
    for (const line of [
      'create namespace n1',
      'create configmap c1 --from-literal=a=b',
      'create secret generic s1 --from-literal=a=b',
      'create serviceaccount sa1',
      'create service clusterip svc1 --tcp=80:80',
      'create role r1 --verb=get --resource=pods',
      'create rolebinding rb1 --role=r1 --serviceaccount=default:sa1',
      'create clusterrole cr1 --verb=get --resource=nodes',
      'create quota q1 --hard=pods=9',
      'create poddisruptionbudget p1 --selector=a=b --min-available=1',
      'create priorityclass pc1 --value=10',
    ]) {
      expect((await lab.run(line)).stderr, line).toBe('')
    }
    expect((await lab.run('get secret s1 -o jsonpath={.data.a}')).stdout).toBe('Yg==')
  })

  it('applies, notices unknown fields, and applies again', async () => {
    const strict = await lab.kubectl(['apply', '-f', '-'], DEPLOYMENT('replcas: 1'))
    expect(strict.stderr).toContain('strict decoding error: unknown field "spec.replcas"')
    expect((await lab.kubectl(['apply', '-f', '-'], DEPLOYMENT('replicas: 1'))).stdout).toBe('deployment.apps/applied created\n')
    expect((await lab.kubectl(['apply', '-f', '-'], DEPLOYMENT('replicas: 1'))).stdout).toBe('deployment.apps/applied unchanged\n')
    expect((await lab.kubectl(['apply', '-f', '-'], DEPLOYMENT('replicas: 2'))).stdout).toBe('deployment.apps/applied configured\n')
    expect((await lab.kubectl(['apply', '--server-side', '-f', '-'], DEPLOYMENT('replicas: 2'))).stdout).toContain('serverside-applied')
    const diff = await lab.kubectl(['diff', '-f', '-'], DEPLOYMENT('replicas: 3'))
    expect(diff.code).toBe(1)
    expect(diff.stdout).toContain('+  replicas: 3')
  })

  it('explains fields from the OpenAPI documents', async () => {
    expect((await lab.run('explain deployment.spec.replicas')).stdout).toContain('FIELD: replicas <integer>')
  })

  it('says who one is and what one may do', async () => {
    expect((await lab.run('auth can-i create pods')).stdout).toBe('yes\n')
  })

  it('watches until it is told to stop', async () => {
    await lab.run('create configmap watched --from-literal=a=b')
    const watched = lab.run('wait --for=delete configmap/watched --timeout=30s')
    expect((await lab.run('delete configmap watched')).code).toBe(0)
    expect((await watched).code).toBe(0)
  })

  // Over SPDY up to 1.29, over WebSocket from 1.30 on.
  it('runs a command in a container, and passes its exit code on', async () => {
    await lab.run('run shell --image=nginx')
    await lab.run('wait --for=condition=Ready pod/shell --timeout=30s')
    expect((await lab.run('exec shell -- hostname')).stdout).toBe('shell\n')
    expect((await lab.run('exec shell -- nope')).code).not.toBe(0)
  })

  it('starts over in place: the same address, the objects gone', async () => {
    await lab.run('create configmap gone --from-literal=a=b')
    const { lab: before } = { lab: lab.server.cluster.current() }
    await lab.server.cluster.reset()
    expect(lab.server.cluster.current()).not.toBe(before)
    expect((await lab.run('get configmap gone')).stderr).toContain('not found')
    expect((await lab.run('get node')).stdout.match(/ Ready /g)).toHaveLength(4)
  })
})
