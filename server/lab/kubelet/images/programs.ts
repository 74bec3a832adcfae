/** The programs of a small Linux image, in busybox's words. */
import { later, readAll, type ProgramRun } from './program-run.ts'

export type Program = (run: ProgramRun) => void

/** Names in the image's file system that `ls /` shows. */
const ROOT = ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']

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
    const text = environment.files.get(file)
    if (text === undefined) {
      output.stderr(`cat: can't open '${file}': No such file or directory\n`)
      code = 1
    } else {
      output.stdout(text)
    }
  }
  done(code)
}

function ls({ argv, environment, output, done }: ProgramRun): void {
  const folder = argv.slice(1).find((word) => !word.startsWith('-')) ?? '/'
  const prefix = folder.endsWith('/') ? folder : `${folder}/`
  if (environment.files.has(folder)) {
    output.stdout(`${folder}\n`)
    return done(0)
  }
  const names = new Set<string>()
  for (const file of environment.files.keys()) if (file.startsWith(prefix)) names.add(file.slice(prefix.length).split('/')[0] as string)
  if (folder === '/') for (const name of ROOT) names.add(name)
  if (/^\/(usr\/)?bin$/.test(folder)) for (const name of environment.programs) names.add(name)
  if (names.size === 0 && !ROOT.includes(folder.slice(1))) {
    output.stderr(`ls: ${folder}: No such file or directory\n`)
    return done(1)
  }
  output.stdout(
    [...names]
      .toSorted()
      .map((name) => `${name}\n`)
      .join(''),
  )
  done(0)
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

function echo({ argv, output, done }: ProgramRun): void {
  const words = argv.slice(1)
  const bare = words[0] === '-n'
  const escapes = words[0] === '-e'
  const text = (bare || escapes ? words.slice(1) : words).join(' ')
  output.stdout((escapes ? text.replaceAll('\\n', '\n').replaceAll('\\t', '\t') : text) + (bare ? '' : '\n'))
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

function date({ environment, output, done }: ProgramRun): void {
  const now = new Date(environment.context.clock.now())
  const day = String(now.getUTCDate()).padStart(2, ' ')
  output.stdout(
    `${DAYS[now.getUTCDay()]} ${MONTHS[now.getUTCMonth()]} ${day} ${now.toISOString().slice(11, 19)} UTC ${now.getUTCFullYear()}\n`,
  )
  done(0)
}

function lineFilter(pick: (lines: string[], argv: string[]) => string[], codeWhenEmpty = 0): Program {
  return (run) => {
    const { argv, environment, output, done } = run
    const filter = (text: string): void => {
      const lines = text.replace(/\n$/, '').split('\n')
      const picked = text === '' ? [] : pick(lines, argv)
      output.stdout(picked.map((line) => `${line}\n`).join(''))
      done(picked.length === 0 ? codeWhenEmpty : 0)
    }
    const file = argv.slice(1).find((word) => environment.files.has(word))
    if (file === undefined) readAll(run, filter)
    else filter(environment.files.get(file) as string)
  }
}

function count(argv: string[]): number {
  const flag = argv.slice(1).find((word) => /^-n?\d+$/.test(word))
  const after = argv.indexOf('-n')
  return flag ? Number(flag.replace(/^-n?/, '')) : after > 0 ? Number(argv[after + 1]) : 10
}

/** The multi-call binary by its own name: `busybox sleep 6`. Any program of ours, whether the image links to it or not. */
function busybox(run: ProgramRun): void {
  const [, name = ''] = run.argv
  const program = name === '' ? undefined : PROGRAMS[name]
  if (program) return program({ ...run, argv: run.argv.slice(1) })
  run.output.stderr(name === '' ? 'BusyBox v1.36.1 () multi-call binary.\n' : `${name}: applet not found\n`)
  run.done(name === '' ? 0 : 127)
}

export const PROGRAMS: Record<string, Program> = {
  busybox,
  cat,
  date,
  echo,
  env: environmentOf,
  false: ({ done }) => done(1),
  grep: lineFilter((lines, argv) => {
    const words = argv.slice(1).filter((word) => !word.startsWith('-'))
    const inverted = argv.some((word) => /^-\w*v/.test(word))
    return lines.filter((line) => line.includes(words[0] ?? '') !== inverted)
  }, 1),
  head: lineFilter((lines, argv) => lines.slice(0, count(argv))),
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
  pwd: ({ output, done }) => {
    output.stdout('/\n')
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
  tail: lineFilter((lines, argv) => lines.slice(-count(argv))),
  true: ({ done }) => done(0),
  uname: ({ environment, argv, output, done }) => {
    output.stdout(argv.includes('-a') ? `Linux ${environment.context.hostname} 6.8.0-90-generic x86_64 GNU/Linux\n` : 'Linux\n')
    done(0)
  },
  wc: (run) =>
    readAll(run, (text) => {
      const lines = (text.match(/\n/g) ?? []).length
      const words = text.split(/\s+/).filter(Boolean).length
      const counts = run.argv.includes('-l') ? lines : run.argv.includes('-c') ? text.length : `${lines} ${words} ${text.length}`
      run.output.stdout(`${counts}\n`)
      run.done(0)
    }),
  wget,
  whoami: ({ output, done }) => {
    output.stdout('root\n')
    done(0)
  },
}
