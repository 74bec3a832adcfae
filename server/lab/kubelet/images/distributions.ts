/** The file systems that images are built upon: busybox, Alpine, Debian. */
import type { ImageFiles } from '../linux/image-files.ts'
import { type LinuxImage, ROOT } from '../linux/machine.ts'
import type { Program, User } from '../linux/process.ts'
import { APPLETS, bash, COMMON, dash, OLD_APPLETS } from '../linux/programs-by-name.ts'
import { curl } from '../linux/programs/curl.ts'

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n'
const GROUP = 'root:x:0:\ndaemon:x:1:\nnobody:x:65534:\n'

const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

function programsIn(folder: string, programs: Record<string, Program>, size: number): ImageFiles {
  return Object.fromEntries(Object.entries(programs).map(([name, program]) => [`${folder}/${name}`, { program, size }]))
}

const COMMON_FOLDERS: ImageFiles = {
  '/root': { directory: true, mode: 0o700 },
  '/tmp': { directory: true, mode: 0o1777 },
  '/home': { directory: true },
  '/var': { directory: true },
  '/usr': { directory: true },
}

/** An image built upon another: its files and its environment beside those that are there, all else in place of it. */
export function upon(base: LinuxImage, { files, env, ...rest }: Partial<LinuxImage>): LinuxImage {
  return { ...base, ...rest, files: { ...base.files, ...files }, env: { ...base.env, ...env } }
}

/** busybox of Docker Hub: `version` as in `BusyBox v1.37.0`. */
export function busyboxRoot(version: string, built: string, builtAt = Date.parse(built)): LinuxImage {
  const old = Number(version.split('.')[1]) < 30
  const groups: User['groups'] = [
    [0, 'root'],
    [10, 'wheel'],
  ]
  return {
    files: {
      ...COMMON_FOLDERS,
      ...programsIn('/bin', old ? OLD_APPLETS : APPLETS, 1_124_680),
      '/etc/passwd': PASSWD,
      '/etc/group': `${GROUP}wheel:x:10:root\n`,
      '/etc/shadow': 'root:*:10933:0:99999:7:::\n',
    },
    env: ENVIRONMENT,
    workingDirectory: '/',
    user: { ...ROOT, groups },
    userland: { busybox: `BusyBox v${version} (${built}) multi-call binary.`, shell: 'ash' },
    builtAt,
  }
}

const ALPINE_GROUPS: User['groups'] = [
  [0, 'root'],
  [1, 'bin'],
  [2, 'daemon'],
  [3, 'sys'],
  [4, 'adm'],
  [6, 'disk'],
  [10, 'wheel'],
  [11, 'floppy'],
  [20, 'dialout'],
  [26, 'tape'],
  [27, 'video'],
]

/** The release that the images of others are built upon here. */
export const ALPINE_3_22 = ['3.22.2', '1.37.0', '2025-08-05 16:40:33 UTC'] as const

export function alpineRoot(release: string, busybox: string, built: string): LinuxImage {
  return {
    files: {
      ...COMMON_FOLDERS,
      ...programsIn('/bin', APPLETS, 808_712),
      '/etc/alpine-release': `${release}\n`,
      '/etc/os-release': `NAME="Alpine Linux"\nID=alpine\nVERSION_ID=${release}\nPRETTY_NAME="Alpine Linux v${release.split('.').slice(0, 2).join('.')}"\nHOME_URL="https://alpinelinux.org/"\nBUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"\n`,
      '/etc/passwd': PASSWD,
      '/etc/group': GROUP,
      '/lib': { directory: true },
      '/media': { directory: true },
      '/mnt': { directory: true },
      '/opt': { directory: true },
      '/run': { directory: true },
      '/sbin': { directory: true },
      '/srv': { directory: true },
    },
    env: ENVIRONMENT,
    workingDirectory: '/',
    user: { ...ROOT, groups: ALPINE_GROUPS },
    userland: { busybox: `BusyBox v${busybox} (${built}) multi-call binary.`, shell: 'ash' },
    builtAt: Date.parse(built),
  }
}

/** Debian without the programs that its images lack: no ps, no ip, no ping, no wget, no editor. */
export function debianRoot(
  { version, name, curl: curlVersion }: { version: string; name: string; curl: string | null },
  builtAt: number,
): LinuxImage {
  return {
    files: {
      ...COMMON_FOLDERS,
      '/bin': { link: 'usr/bin' },
      '/sbin': { link: 'usr/sbin' },
      '/lib': { link: 'usr/lib' },
      '/lib64': { link: 'usr/lib64' },
      ...programsIn('/usr/bin', COMMON, 48_144),
      '/usr/bin/dash': { program: dash, size: 125_640 },
      '/usr/bin/sh': { link: 'dash' },
      '/usr/bin/bash': { program: bash, size: 1_265_648 },
      ...(curlVersion === null ? {} : { '/usr/bin/curl': { program: curl(curlVersion), size: 272_536 } }),
      '/usr/lib': { directory: true },
      '/usr/lib64': { directory: true },
      '/usr/sbin': { directory: true },
      '/boot': { directory: true },
      '/media': { directory: true },
      '/mnt': { directory: true },
      '/opt': { directory: true },
      '/run': { directory: true },
      '/srv': { directory: true },
      '/etc/debian_version': `${version}\n`,
      '/etc/os-release': `PRETTY_NAME="Debian GNU/Linux ${version.split('.')[0]} (${name})"\nNAME="Debian GNU/Linux"\nVERSION_ID="${version.split('.')[0]}"\nVERSION="${version.split('.')[0]} (${name})"\nVERSION_CODENAME=${name}\nID=debian\nHOME_URL="https://www.debian.org/"\nSUPPORT_URL="https://www.debian.org/support"\nBUG_REPORT_URL="https://bugs.debian.org/"\n`,
      '/etc/passwd': PASSWD.replace(':/bin/sh', ':/bin/bash'),
      '/etc/group': GROUP,
    },
    env: ENVIRONMENT,
    workingDirectory: '/',
    user: ROOT,
    userland: { busybox: null, shell: 'dash' },
    builtAt,
  }
}
