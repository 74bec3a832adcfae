/** The images of Docker Hub that the lab can run as they are there. */
import type { ContainerImage } from '../image.ts'
import { curl } from '../linux/programs/curl.ts'
import type { ImageFiles } from '../linux/image-files.ts'
import { ALPINE_3_22, alpineRoot, busyboxRoot, upon } from './distributions.ts'
import { httpd } from './httpd.ts'
import { linuxImage } from './linux-image.ts'
import { nginx } from './nginx.ts'
import { NGINX_COMMAND, nginxEntrypoint, nginxFiles } from './nginx-files.ts'

/** Version, when it was built, and whose tags it has. */
const BUSYBOXES: [version: string, built: string, more: string[], size: number][] = [
  [
    '1.37.0',
    '2024-09-26 21:31:42 UTC',
    [
      'latest',
      'stable',
      '1',
      '1.37',
      'glibc',
      'musl',
      'uclibc',
      'stable-glibc',
      'stable-musl',
      '1.37-glibc',
      '1.37-musl',
      '1.37.0-glibc',
      '1.37.0-musl',
    ],
    2_211_000,
  ],
  ['1.36.1', '2023-05-18 22:34:17 UTC', ['1.36', '1.36-glibc', '1.36-musl', '1.36.1-glibc', '1.36.1-musl'], 2_216_000],
  ['1.36.0', '2023-01-03 22:37:57 UTC', [], 2_216_000],
  ['1.35.0', '2022-11-18 22:22:47 UTC', ['1.35'], 2_597_000],
  ['1.34.1', '2022-08-01 23:04:22 UTC', ['1.34'], 778_000],
  ['1.33.1', '2021-11-11 20:11:07 UTC', ['1.33'], 767_000],
  ['1.32.1', '2021-05-07 18:01:57 UTC', ['1.32'], 765_000],
  ['1.31.1', '2020-04-14 01:04:54 UTC', ['1.31'], 761_000],
  ['1.30.1', '2019-05-09 01:23:43 UTC', ['1.30'], 755_000],
  ['1.29.3', '2018-12-31 18:39:37 UTC', ['1.29'], 735_000],
  ['1.28.4', '2018-05-22 17:00:17 UTC', ['1.28'], 727_869],
]

/** Where the C library is that the later ones are linked with. */
const C_LIBRARY: ImageFiles = { '/lib': { directory: true }, '/lib64': { link: 'lib' } }

const busyboxes: ContainerImage[] = BUSYBOXES.map(([version, built, more, size]) =>
  linuxImage({
    names: ['busybox'],
    tags: [version, ...more],
    size,
    pullTime: 500,
    linux: () => upon(busyboxRoot(version, built), { files: Number(version.split('.')[1]) < 35 ? {} : C_LIBRARY }),
    entrypoint: [],
    command: ['sh'],
  }),
)

const ALPINES: [release: string, busybox: string, built: string, more: string[], size: number][] = [
  ['3.23.3', '1.37.0', '2025-12-16 14:19:28 UTC', ['latest', '3', '3.23'], 3_862_000],
  [...ALPINE_3_22, ['3.22'], 3_802_452],
  ['3.21.3', '1.37.0', '2025-01-17 18:12:01 UTC', ['3.21'], 3_641_000],
  ['3.20.3', '1.36.1', '2024-06-10 07:11:47 UTC', ['3.20'], 3_623_807],
  ['3.19.1', '1.36.1', '2023-11-07 18:53:09 UTC', ['3.19'], 3_408_729],
  ['3.18.4', '1.36.1', '2023-07-27 17:12:24 UTC', ['3.18'], 3_401_613],
  ['3.12.0', '1.31.1', '2020-05-14 14:00:00 UTC', ['3.12'], 2_797_000],
]

const alpines: ContainerImage[] = ALPINES.map(([release, busybox, built, more, size]) =>
  linuxImage({
    names: ['alpine'],
    tags: [release, ...more],
    size,
    pullTime: 600,
    linux: () => alpineRoot(release, busybox, built),
    entrypoint: [],
    command: ['/bin/sh'],
  }),
)

function curlImage(version: string, more: string[]): ContainerImage {
  const user = {
    uid: 100,
    gid: 101,
    name: 'curl_user',
    group: 'curl_group',
    groups: [[101, 'curl_group']] as [number, string][],
    home: '/home/curl_user',
  }
  return linuxImage({
    names: ['curlimages/curl', 'quay.io/curl/curl'],
    tags: [version, ...more],
    size: 9_740_000,
    pullTime: 700,
    linux: () =>
      upon(alpineRoot(...ALPINE_3_22), {
        files: {
          '/usr/bin/curl': { program: curl(version), size: 255_000 },
          '/entrypoint.sh': { program: curlEntrypoint, size: 500 },
          '/home/curl_user': { directory: true },
        },
        env: { CURL_CA_BUNDLE: '/cacert.pem' },
        workingDirectory: '/home/curl_user',
        user,
      }),
    user: user.name,
    entrypoint: ['/entrypoint.sh'],
    command: ['curl'],
  })
}

/** Options alone are options of curl; a program that exists is run as it is. */
const curlEntrypoint = function* (process: Parameters<ReturnType<typeof curl>>[0], argv: string[]): ReturnType<ReturnType<typeof curl>> {
  const words = argv.slice(1)
  const [name = ''] = words
  const { machine } = process
  const isCommand = !name.startsWith('-') && machine.findProgram(name, process.env.get('PATH') ?? '', process.cwd) !== undefined
  const line = isCommand ? words : ['curl', ...words]
  const found = machine.findProgram(line[0] as string, process.env.get('PATH') ?? '', process.cwd)
  const program = found && machine.programOf(found.entry)
  process.argv = line
  return program ? yield* program(process, line) : 127
}

/** As its Dockerfile has it: nginx with a configuration that answers every request with the pod's name. */
const ECHO_CONF = `worker_processes  1;
events {
   worker_connections  1024;
}
http {
   include       mime.types;
   default_type  application/octet-stream;
   sendfile        on;
   server {
       listen       80;
       server_name  localhost;
       location / {
           default_type text/html;
           return 200 '$hostname\\n';
       }
   }
}
`

function echoHname(): ContainerImage {
  const version = '1.26.0'
  return linuxImage({
    names: ['sysnet4admin/echo-hname'],
    tags: ['latest'],
    size: 4_923_000,
    pullTime: 250,
    linux: () =>
      upon(alpineRoot('3.19.1', '1.36.1', '2024-04-24 00:00:00 UTC'), {
        files: {
          ...nginxFiles(version, 'gcc 13.2.1 20231014 (Alpine 13.2.1_git20231014)'),
          '/etc/nginx/nginx.conf': ECHO_CONF,
        },
        env: { NGINX_VERSION: version },
      }),
    entrypoint: nginxEntrypoint(version),
    command: NGINX_COMMAND,
    stopSignal: 'QUIT',
  })
}

export const dockerHub: ContainerImage[] = [
  ...nginx,
  httpd,
  ...busyboxes,
  ...alpines,
  curlImage('8.17.0', ['latest']),
  curlImage('8.10.1', []),
  curlImage('8.5.0', []),
  curlImage('7.88.1', []),
  echoHname(),
]
