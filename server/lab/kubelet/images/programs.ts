/** The programs of a small Linux image, in busybox's words. */
import { later, type Program, type ProgramRun, type ShellEnvironment } from './program-run.ts'
import { FILE_PROGRAMS, entriesOf } from './programs-files.ts'
import { TEXT_PROGRAMS } from './programs-text.ts'
import { isFolder, resolvePath } from './shell/files.ts'

/** A program by its name or path, where the image has it on its PATH. */
export function findProgram(environment: ShellEnvironment, name: string): Program | undefined {
  const base = name.replace(/^\/(usr\/)?(local\/)?s?bin\//, '')
  if (base.includes('/')) return undefined
  return environment.programs.includes(base) ? PROGRAMS[base] : undefined
}

const DURATION = /^(\d+(?:\.\d+)?)([smhd]?)$/
const UNIT: Record<string, number> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

function cat(run: ProgramRun): void {
  const { argv, stdin, environment, output, done } = run
  if (argv.length === 1 || argv[1] === '-') {
    run.onKill(
      stdin.read(
        (data) => output.stdout(data),
        () => done(0),
      ),
    )
    return
  }
  let code = 0
  for (const file of argv.slice(1)) {
    const text = environment.files.get(resolvePath(file, run.folder))
    if (text === undefined) {
      output.stderr(`cat: can't open '${file}': No such file or directory\n`)
      code = 1
    } else {
      output.stdout(text)
    }
  }
  done(code)
}

function ls({ argv, environment, folder: current, output, done }: ProgramRun): void {
  const named = argv.slice(1).filter((word) => !word.startsWith('-'))
  let code = 0
  for (const name of named.length > 0 ? named : ['.']) {
    const path = resolvePath(name, current)
    if (environment.files.has(path)) output.stdout(`${name}\n`)
    else if (isFolder(environment, path))
      output.stdout(
        entriesOf(environment, path)
          .map((entry) => `${entry}\n`)
          .join(''),
      )
    else {
      output.stderr(`ls: ${name}: No such file or directory\n`)
      code = 1
    }
  }
  done(code)
}

function sleep(run: ProgramRun): void {
  const words = run.argv.slice(1)
  if (words.length === 0) {
    run.output.stderr('BusyBox v1.36.1 () multi-call binary.\n\nUsage: sleep [N]...\n')
    return run.done(1)
  }
  let seconds = 0
  for (const word of words) {
    if (word === 'infinity' || word === 'inf') return
    const match = DURATION.exec(word)
    if (!match) {
      run.output.stderr(`sleep: invalid number '${word}'\n`)
      return run.done(1)
    }
    seconds += Number(match[1]) * (UNIT[match[2] ?? ''] ?? 1)
  }
  later(run, seconds * 1000, () => run.done(0))
}

function wget(run: ProgramRun): void {
  const { argv, output, environment, done } = run
  const url = argv
    .slice(1)
    .find((word) => !word.startsWith('-') && argv[argv.indexOf(word) - 1] !== '-T' && argv[argv.indexOf(word) - 1] !== '-O')
  const quiet = argv.some((word) => /^-[a-zA-Z]*q/.test(word))
  const toOutput = argv.some((word, i) => /^-[a-zA-Z]*O-$/.test(word) || (/^-[a-zA-Z]*O$/.test(word) && argv[i + 1] === '-'))
  if (!url) {
    output.stderr('BusyBox v1.36.1 () multi-call binary.\n\nUsage: wget [-cqS] [-O FILE] [-T SEC] URL...\n')
    return done(1)
  }
  const target = new URL(/^[a-z]+:\/\//.test(url) ? url : `http://${url}`)
  const port = Number(target.port || 80)
  const path = `${target.pathname}${target.search}`
  const fail = (message: string): void => {
    output.stderr(`wget: ${message}\n`)
    done(1)
  }
  const headers = { host: target.host, 'user-agent': 'Wget' }
  const request = { host: target.hostname, port, method: 'GET', path, headers, body: '' }
  const limit = argv.indexOf('-T')
  const { cancel } = environment.context.request(request, (outcome) => {
    if (outcome.outcome === 'unknown-host') return fail(`bad address '${target.host}'`)
    if (outcome.outcome === 'reset') return fail('error getting response: Connection reset by peer')
    if (outcome.outcome === 'refused') return fail(`can't connect to remote host (${target.hostname}): Connection refused`)
    if (outcome.outcome === 'timed-out') return fail(`can't connect to remote host (${target.hostname}): Connection timed out`)
    if (outcome.outcome !== 'answered') return fail(`can't connect to remote host (${target.hostname}): Host is unreachable`)
    const { response } = outcome
    if (!quiet) output.stderr(`Connecting to ${target.host} (${target.hostname}:${port})\n`)
    if (response.status >= 400) return fail(`server returned error: HTTP/1.1 ${response.status}`)
    if (toOutput) {
      output.stdout(response.body)
    } else {
      const name = target.pathname.split('/').at(-1) || 'index.html'
      environment.files.set(`/${name}`, response.body)
      if (!quiet) output.stderr(`saving to '${name}'\n'${name}' saved\n`)
    }
    done(0)
  })
  run.onKill(cancel)
  if (limit > 0) {
    later(run, Number(argv[limit + 1]) * 1000, () => {
      cancel()
      fail('download timed out')
    })
  }
}

/** Names of services as the cluster's DNS has them. */
function nslookup({ argv, environment, output, done }: ProgramRun): void {
  const { store, pod } = environment.context
  const name = argv.slice(1).find((word) => !word.startsWith('-')) ?? ''
  const dns = store.get('services', 'kube-system', 'kube-dns')?.spec.clusterIP as string | undefined
  if (!dns) {
    output.stdout(';; connection timed out; no servers could be reached\n\n')
    return done(1)
  }
  output.stdout(`Server:\t\t${dns}\nAddress:\t${dns}:53\n\n`)
  const parts = name
    .replace(/\.$/, '')
    .replace(/\.svc(\.cluster\.local)?$/, '')
    .split('.')
  const service = store.get('services', parts[1] ?? pod.metadata.namespace ?? 'default', parts[0] ?? '')
  if (!service || parts.length > 2) {
    output.stdout(`** server can't find ${name}: NXDOMAIN\n\n`)
    return done(1)
  }
  const full = `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`
  const addresses: string[] =
    service.spec.clusterIP === 'None'
      ? store
          .list('endpointslices.discovery.k8s.io', service.metadata.namespace)
          .filter((slice) => slice.metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name)
          .flatMap((slice) => slice.endpoints ?? [])
          .filter((endpoint: { conditions?: { ready?: boolean } }) => endpoint.conditions?.ready)
          .flatMap((endpoint: { addresses: string[] }) => endpoint.addresses)
      : [service.spec.clusterIP]
  for (const address of addresses) output.stdout(`Name:\t${full}\nAddress: ${address}\n\n`)
  done(0)
}

function environmentOf({ variables, output, done }: ProgramRun): void {
  output.stdout(
    Object.entries(variables)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  done(0)
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** What strftime writes, for the letters that people use. */
function dateParts(now: Date): Record<string, string> {
  const iso = now.toISOString()
  return {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    R: iso.slice(11, 16),
    s: String(Math.floor(now.getTime() / 1000)),
    N: String(now.getMilliseconds() * 1_000_000).padStart(9, '0'),
    a: DAYS[now.getUTCDay()] as string,
    b: MONTHS[now.getUTCMonth()] as string,
    Z: 'UTC',
    z: '+0000',
    '%': '%',
  }
}

function date({ argv, environment, output, done }: ProgramRun): void {
  const now = new Date(environment.context.clock.now())
  const format = argv.find((word) => word.startsWith('+'))?.slice(1)
  if (format !== undefined) {
    const parts = dateParts(now)
    output.stdout(`${format.replace(/%(.)/g, (all, letter: string) => parts[letter] ?? all)}\n`)
    return done(0)
  }
  const day = String(now.getUTCDate()).padStart(2, ' ')
  output.stdout(
    `${DAYS[now.getUTCDay()]} ${MONTHS[now.getUTCMonth()]} ${day} ${now.toISOString().slice(11, 19)} UTC ${now.getUTCFullYear()}\n`,
  )
  done(0)
}

function busybox(run: ProgramRun): void {
  const [, name = ''] = run.argv
  const program = name === '' ? undefined : PROGRAMS[name]
  if (program) return program({ ...run, argv: run.argv.slice(1) })
  run.output.stderr(name === '' ? 'BusyBox v1.36.1 () multi-call binary.\n' : `${name}: applet not found\n`)
  run.done(name === '' ? 0 : 127)
}

export const PROGRAMS: Record<string, Program> = {
  ...TEXT_PROGRAMS,
  ...FILE_PROGRAMS,
  busybox,
  cat,
  date,
  echo: ({ argv, output, done }) => {
    output.stdout(`${argv.slice(1).join(' ')}\n`)
    done(0)
  },
  env: environmentOf,
  false: ({ done }) => done(1),
  hostname: ({ environment, argv, output, done }) => {
    const { context } = environment
    output.stdout(`${argv.includes('-i') ? (context.pod.status?.podIP ?? '') : context.hostname}\n`)
    done(0)
  },
  id: ({ output, done }) => {
    output.stdout('uid=0(root) gid=0(root) groups=0(root)\n')
    done(0)
  },
  ls,
  nslookup,
  printenv: ({ argv, variables, output, done }) => {
    const wanted = argv.slice(1)
    const shown = wanted.length === 0 ? Object.entries(variables) : Object.entries(variables).filter(([name]) => wanted.includes(name))
    output.stdout(shown.map(([name, value]) => (wanted.length === 0 ? `${name}=${value}\n` : `${value}\n`)).join(''))
    done(shown.length === 0 ? 1 : 0)
  },
  ps: ({ environment, output, done }) => {
    const { command, args } = environment.context.container
    output.stdout(`PID   USER     TIME  COMMAND\n    1 root      0:00 ${[...command, ...args].join(' ') || 'sh'}\n`)
    done(0)
  },
  pwd: ({ folder, output, done }) => {
    output.stdout(`${folder}\n`)
    done(0)
  },
  sleep,
  stty: ({ argv, environment, output, done }) => {
    const { terminal } = environment
    if (!terminal) {
      output.stderr('stty: standard input\n')
      return done(1)
    }
    output.stdout(argv[1] === 'size' ? `${terminal.rows} ${terminal.columns}\n` : 'speed 38400 baud; line = 0;\n')
    done(0)
  },
  tty: ({ environment, output, done }) => {
    output.stdout(environment.terminal ? '/dev/pts/0\n' : 'not a tty\n')
    done(environment.terminal ? 0 : 1)
  },
  true: ({ done }) => done(0),
  uname: ({ environment, argv, output, done }) => {
    output.stdout(argv.includes('-a') ? `Linux ${environment.context.hostname} 6.8.0-90-generic x86_64 GNU/Linux\n` : 'Linux\n')
    done(0)
  },
  wget,
  whoami: ({ output, done }) => {
    output.stdout('root\n')
    done(0)
  },
}
