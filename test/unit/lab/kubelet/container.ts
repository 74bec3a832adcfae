/** A container of an image on a clock that a test moves, without a cluster around it. */
import { ManualClock } from '../../../../server/lab/clock.ts'
import type { NameLookup, NetworkOutcome, NetworkRequest } from '../../../../server/lab/contracts/network.ts'
import type { ContainerContext, ContainerImage, RunningContainer } from '../../../../server/lab/kubelet/image.ts'
import type { Listener } from '../../../../server/lab/contracts/http.ts'
import { findImage } from '../../../../server/lab/kubelet/images/index.ts'
import { makeFile } from '../../../../server/lab/kubelet/kernel/files.ts'
import { parseImageReference } from '../../../../server/lab/kubelet/reference.ts'

export interface Ran {
  stdout: string
  stderr: string
  /** A text where it could not start. */
  code: number | string | null
}

export interface TestContainer {
  clock: ManualClock
  running: RunningContainer
  listeners: Map<number, Listener>
  /** What its first process wrote. */
  output(): string
  /** Its first process's exit code; null while it runs. */
  code(): number | null
  /** Runs a command to its end, or for a minute. */
  exec(argv: string[], stdin?: string): Ran
  /** A command on a terminal of 80 columns. */
  terminal(argv: string[]): { type(keys: string): void; shown(): string; code(): Ran['code']; resize(columns: number, rows: number): void }
}

export interface ContainerOptions {
  registry?: string
  command?: string[]
  args?: string[]
  env?: Record<string, string>
  files?: Record<string, string>
  names?: Record<string, string>
  dns?: Partial<NameLookup>
  securityContext?: { runAsUser?: number; readOnlyRootFilesystem?: boolean }
  stdin?: boolean
  tty?: boolean
  answer?(request: NetworkRequest): NetworkOutcome
}

export function startContainer(imageName: string, options: ContainerOptions = {}): TestContainer {
  const reference = parseImageReference(imageName)
  const image: ContainerImage | undefined = reference ? findImage(options.registry ?? 'docker-hub', reference) : undefined
  if (!image) throw new Error(`no image ${imageName}`)
  const clock = new ManualClock()
  const listeners = new Map<number, Listener>()
  let written = ''
  let code: number | null = null
  const pod = { metadata: { name: 'pod', namespace: 'default', uid: 'u' }, spec: {}, status: { podIP: '172.16.1.2' } }
  const lookup = (name: string): string[] | null => (options.names?.[name] ? [options.names[name] as string] : null)
  const context = {
    clock,
    store: { get: () => undefined, list: () => [] },
    pod,
    container: {
      name: 'c',
      image: imageName,
      command: options.command ?? [],
      args: options.args ?? [],
      env: options.env ?? {},
      stdin: options.stdin ?? false,
      tty: options.tty ?? false,
      workingDir: '',
      securityContext: options.securityContext ?? {},
    },
    node: 'w1-k8s',
    hostname: 'pod',
    files: {
      managed: {
        '/etc/hostname': 'pod\n',
        '/etc/hosts': '# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n172.16.1.2\tpod\n',
        ...options.files,
      },
      terminationLog: makeFile('', clock.now()),
      terminationLogPath: '/dev/termination-log',
      mounts: [],
      facts: { pod, now: () => clock.now(), shared: new Map() },
    },
    names: {
      nameserver: '10.96.0.10',
      searchDomains: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      lookup,
      query: () => ({ code: 'NXDOMAIN', authoritative: true, records: [] }),
      state: () => 'answering',
      ...options.dns,
    },
    log: (line: string) => void (written += `${line}\n`),
    write: (_stream: string, data: string) => void (written += data),
    listen: (listener: Listener) => void listeners.set(listener.port, listener),
    isListening: (port: number) => listeners.has(port),
    exit: (last: number) => void (code = last),
    request: (request: NetworkRequest, done: (outcome: NetworkOutcome) => void) => {
      const timer = clock.after(1, () => done(options.answer?.(request) ?? { outcome: 'refused' }))
      return { cancel: () => timer.cancel() }
    },
    random: () => 0.5,
  } as unknown as ContainerContext
  const running = image.start(context)
  clock.forward(200)
  const start = (argv: string[], tty: boolean, ran: Ran) =>
    running.exec!(argv, tty, {
      stdout: (data) => void (ran.stdout += data),
      stderr: (data) => void (ran.stderr += data),
      exit: (last) => void (ran.code = last),
      fail: (message) => void (ran.code = message),
    })
  return {
    clock,
    running,
    listeners,
    output: () => written,
    code: () => code,
    exec(argv, stdin = '') {
      const ran: Ran = { stdout: '', stderr: '', code: null }
      const process = start(argv, false, ran)
      process.stdin(stdin)
      process.closeStdin()
      for (let passed = 0; passed < 60_000 && ran.code === null; passed += 100) clock.forward(100)
      return ran
    },
    terminal(argv) {
      const ran: Ran = { stdout: '', stderr: '', code: null }
      const process = start(argv, true, ran)
      process.resize(80, 24)
      clock.forward(10)
      return {
        type(keys) {
          process.stdin(keys)
          clock.forward(10)
        },
        shown: () => ran.stdout,
        code: () => ran.code,
        resize: (columns, rows) => process.resize(columns, rows),
      }
    },
  }
}
