/**
 * The registry of the real cluster that the lab is compared with: Debian's busybox, whose entry point is its shell, so that arguments alone go to it, and one
 * small server under the names of nginx and of echo-hname.
 */
import type { ContainerImage } from '../image.ts'
import type { LinuxImage } from '../linux/machine.ts'
import type { Program } from '../linux/process.ts'
import { APPLETS } from '../linux/programs-by-name.ts'
import { wait } from '../kernel/routine.ts'
import { busyboxRoot, upon } from './distributions.ts'
import { linuxImage } from './linux-image.ts'

const NAMES = ['busybox', 'sh', 'sleep', 'wget', 'true', 'false', 'echo', 'cat', 'nslookup', 'stty']
const WEB_NAMES = ['busybox', 'sh', 'ls', 'cat', 'hostname']

function withPrograms(names: string[]): LinuxImage {
  const root = busyboxRoot('1.35.0', 'Debian 1:1.35.0-4+deb12u1+b1', 0)
  // its programs are all that an image has: no /tmp, and no names of users
  const files = Object.fromEntries(
    Object.entries(root.files).filter(([path]) => path.startsWith('/bin/') && names.includes(path.slice('/bin/'.length))),
  )
  return {
    ...root,
    files,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    user: { uid: 0, gid: 0, name: '', group: '', groups: [[0, '']], home: '/' },
    userland: { ...root.userland, banner: true, applets: APPLETS, wgetDiesOfTimeouts: true },
  }
}

const busybox = linuxImage({
  names: ['busybox'],
  tags: ['latest', '1.36'],
  size: 1_094_382,
  pullTime: 75,
  linux: () => withPrograms(NAMES),
  entrypoint: ['/bin/sh'],
  command: [],
})

/** Answers every request with the pod's host name and a newline, and prints the request. */
const echo: Program = function* (process) {
  const { context } = process.machine
  context.listen({
    port: 80,
    handle: ({ method, path, from }) => {
      context.log(`${from} ${method} ${path}`)
      return { status: 200, headers: { 'content-type': 'text/html' }, body: `${context.hostname}\n` }
    },
  })
  return yield* wait<number>((resume) => {
    for (const signal of ['TERM', 'INT', 'QUIT'] as const) process.handlers.set(signal, () => resume(0))
    return () => {}
  })
}

function web(names: string[], tags: string[], programs: string[]): ContainerImage {
  return linuxImage({
    names,
    tags,
    size: 3_722_179,
    pullTime: 250,
    linux: () => upon(withPrograms(programs), { files: { '/echo': { program: echo, size: 4_800_000 } } }),
    entrypoint: ['/echo'],
    command: [],
  })
}

export const comparison: ContainerImage[] = [
  busybox,
  web(['sysnet4admin/echo-hname'], ['latest'], [...WEB_NAMES, 'wget']),
  web(['nginx'], ['latest', '1.25', '1.27'], WEB_NAMES),
]
