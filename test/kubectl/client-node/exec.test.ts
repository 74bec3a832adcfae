import { PassThrough, Writable } from 'node:stream'
import { Exec, Log, Metrics, type V1Status } from '@kubernetes/client-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { poll } from '../../unit/support/poll.ts'
import { NAMESPACE, WITHIN, clientLab } from './client-lab.ts'

const client = clientLab()

/** A stream that keeps what is written; as a terminal it has a size. */
class Sink extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}

class Terminal extends Sink {
  rows = 24
  columns = 80
}

describe('exec of client-node', () => {
  beforeAll(async () => {
    await client.core.createNamespacedPod({
      namespace: NAMESPACE,
      body: { metadata: { name: 'shell' }, spec: { containers: [{ name: 'shell', image: 'busybox', command: ['sleep', 'infinity'] }] } },
    })
    await poll(
      async () => (await client.core.readNamespacedPod({ name: 'shell', namespace: NAMESPACE })).status?.phase === 'Running',
      'the pod runs',
      20_000,
    )
  })

  interface Session {
    stdout: Sink
    stderr: Sink
    status: V1Status | null
    closed: boolean
  }

  async function exec(command: string[], stdin: PassThrough | null = null, stdout: Sink = new Sink(), tty = false): Promise<Session> {
    const session: Session = { stdout, stderr: new Sink(), status: null, closed: false }
    const socket = await new Exec(client.config).exec(
      NAMESPACE,
      'shell',
      'shell',
      command,
      stdout,
      tty ? null : session.stderr,
      stdin,
      tty,
      (status) => void (session.status = status),
    )
    socket.addEventListener('close', () => void (session.closed = true))
    client.atEnd(() => socket.close())
    return session
  }

  it('keeps output and errors apart and tells the exit code', async () => {
    const session = await exec(['sh', '-c', 'echo out; cat /nope; exit 3'])
    await expect.poll(() => session.closed, WITHIN).toBe(true)
    expect(session.stdout.text).toBe('out\n')
    expect(session.stderr.text).toBe("cat: can't open '/nope': No such file or directory\n")
    expect(session.status).toMatchObject({
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  it('reads standard input to its end', async () => {
    const stdin = new PassThrough()
    const session = await exec(['cat'], stdin)
    stdin.write('one\n')
    stdin.end('two\n')
    await expect.poll(() => session.status, WITHIN).toMatchObject({ status: 'Success' })
    expect(session.stdout.text).toBe('one\ntwo\n')
  })

  it('gives a terminal its size, also after it has changed', async () => {
    const stdin = new PassThrough()
    const terminal = new Terminal()
    const session = await exec(['sh'], stdin, terminal, true)
    // the size and the keys go their own ways: asked again until it has come
    const screen = (): string => {
      stdin.write('stty size\r')
      return terminal.text
    }
    await expect.poll(screen, WITHIN).toContain('\r\n24 80\r\n')
    terminal.rows = 50
    terminal.columns = 132
    terminal.emit('resize')
    await expect.poll(screen, WITHIN).toContain('\r\n50 132\r\n')
    stdin.write('exit 4\r')
    await expect.poll(() => session.status?.details?.causes?.[0]?.message, WITHIN).toBe('4')
  })

  it('says what cannot be run, and where', async () => {
    const session = await exec(['nope'])
    await expect
      .poll(() => session.status, WITHIN)
      .toMatchObject({ status: 'Failure', message: expect.stringContaining('executable file not found') })
    await expect(new Exec(client.config).exec(NAMESPACE, 'nobody', 'shell', ['true'], new Sink(), null, null, false)).rejects.toBeDefined()
  })
})

describe('logs and metrics of client-node', () => {
  it('follow a container to its end', async () => {
    await client.core.createNamespacedPod({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'talker' },
        spec: {
          restartPolicy: 'Never',
          containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'echo one; sleep 5; echo two'] }],
        },
      },
    })
    await expect
      .poll(async () => (await client.core.readNamespacedPod({ name: 'talker', namespace: NAMESPACE })).status?.phase, WITHIN)
      .toBe('Running')
    const sink = new Sink()
    const finished = new Promise((done) => void sink.on('finish', done))
    await new Log(client.config).log(NAMESPACE, 'talker', 'c', sink, { follow: true })
    await finished
    expect(sink.text).toBe('one\ntwo\n')
  })

  it('are refused as a cluster without metrics-server refuses them', async () => {
    // what such a cluster sends is a page, which this client cannot read
    await expect(new Metrics(client.config).getNodeMetrics()).rejects.toThrow('Error occurred in metrics request')
  })
})
