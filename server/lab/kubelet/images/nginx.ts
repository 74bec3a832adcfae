/** The nginx of Docker Hub, on Debian and on Alpine, in the versions that people pull. */
import type { ContainerImage } from '../image.ts'
import type { LinuxImage } from '../linux/machine.ts'
import { curl } from '../linux/programs/curl.ts'
import { ALPINE_3_22, alpineRoot, debianRoot, upon } from './distributions.ts'
import { linuxImage } from './linux-image.ts'
import { isAtLeast, NGINX_COMMAND, nginxEntrypoint, nginxFiles } from './nginx-files.ts'

interface Debian {
  version: string
  name: string
  /** What the compiler calls itself. */
  gcc: string
  curl: string | null
}

const STRETCH: Debian = { version: '9', name: 'stretch', gcc: 'gcc 6.3.0 20170516 (Debian 6.3.0-18+deb9u1)', curl: null }
const BUSTER: Debian = { version: '10.13', name: 'buster', gcc: 'gcc 8.3.0 (Debian 8.3.0-6)', curl: '7.64.0' }
const BULLSEYE: Debian = { version: '11.7', name: 'bullseye', gcc: 'gcc 10.2.1 20210110 (Debian 10.2.1-6)', curl: '7.74.0' }
const BOOKWORM: Debian = { version: '12.10', name: 'bookworm', gcc: 'gcc 12.2.0 (Debian 12.2.0-14)', curl: '7.88.1' }
const TRIXIE: Debian = { version: '13.4', name: 'trixie', gcc: 'gcc 14.2.0 (Debian 14.2.0-19)', curl: '8.14.1' }

interface Release {
  version: string
  /** When the package was built: what the welcome page's Last-Modified says. */
  built: string
  debian: Debian
  /** Without the version itself and what it begins with. */
  more?: string[]
  /** The newest of its minor version: the tag of that leads to it. */
  newest?: boolean
  /** The image's size in bytes. */
  size: number
}

const RELEASES: Release[] = [
  { version: '1.29.8', built: '2026-04-07T14:40:20Z', debian: TRIXIE, more: ['latest', 'mainline', '1'], newest: true, size: 62_960_000 },
  { version: '1.29.7', built: '2026-03-24T17:22:07Z', debian: TRIXIE, size: 62_950_000 },
  { version: '1.29.1', built: '2025-08-13T14:33:41Z', debian: BOOKWORM, size: 72_324_501 },
  { version: '1.29.0', built: '2025-06-24T17:22:41Z', debian: BOOKWORM, size: 72_225_394 },
  { version: '1.28.0', built: '2025-04-23T11:48:54Z', debian: BOOKWORM, size: 72_237_192 },
  { version: '1.27.5', built: '2025-04-16T12:01:11Z', debian: BOOKWORM, newest: true, size: 72_404_038 },
  { version: '1.27.4', built: '2025-02-05T11:06:32Z', debian: BOOKWORM, size: 72_195_292 },
  { version: '1.27.3', built: '2024-11-26T15:55:00Z', debian: BOOKWORM, size: 72_099_501 },
  { version: '1.27.2', built: '2024-10-02T15:13:19Z', debian: BOOKWORM, size: 72_950_530 },
  { version: '1.27.1', built: '2024-08-12T14:21:01Z', debian: BOOKWORM, size: 71_028_105 },
  { version: '1.27.0', built: '2024-05-28T13:22:30Z', debian: BOOKWORM, size: 70_991_807 },
  { version: '1.26.3', built: '2025-02-05T11:06:32Z', debian: BOOKWORM, newest: true, size: 72_180_000 },
  { version: '1.26.0', built: '2024-04-23T15:00:00Z', debian: BOOKWORM, size: 70_500_000 },
  { version: '1.25.5', built: '2024-04-16T14:29:59Z', debian: BOOKWORM, newest: true, size: 71_005_258 },
  { version: '1.25.4', built: '2024-02-14T16:03:00Z', debian: BOOKWORM, size: 70_520_324 },
  { version: '1.25.3', built: '2023-10-24T13:46:47Z', debian: BOOKWORM, size: 70_544_635 },
  { version: '1.24.0', built: '2023-04-11T01:45:34Z', debian: BULLSEYE, newest: true, size: 56_884_000 },
  { version: '1.23.4', built: '2023-03-28T15:01:54Z', debian: BULLSEYE, newest: true, size: 57_000_000 },
  { version: '1.22.1', built: '2022-10-19T08:02:20Z', debian: BULLSEYE, newest: true, size: 56_800_000 },
  { version: '1.21.6', built: '2022-01-25T15:03:52Z', debian: BULLSEYE, newest: true, size: 56_746_000 },
  { version: '1.20.2', built: '2021-11-16T14:44:02Z', debian: BULLSEYE, newest: true, size: 56_600_000 },
  { version: '1.19.10', built: '2021-04-13T15:13:59Z', debian: BUSTER, newest: true, size: 53_600_000 },
  { version: '1.18.0', built: '2020-04-21T14:09:01Z', debian: BUSTER, newest: true, size: 53_600_000 },
  { version: '1.17.10', built: '2020-04-14T14:19:26Z', debian: BUSTER, newest: true, size: 51_030_000 },
  { version: '1.16.1', built: '2019-08-13T10:05:00Z', debian: BUSTER, newest: true, size: 51_030_575 },
  { version: '1.15.12', built: '2019-04-16T13:08:19Z', debian: STRETCH, newest: true, size: 44_710_204 },
  { version: '1.14.2', built: '2018-12-04T14:44:49Z', debian: STRETCH, newest: true, size: 44_708_492 },
]

const ALPINE_GCC = 'gcc 14.2.0 (Alpine 14.2.0)'

function imageOf(release: Release, alpine: boolean): ContainerImage {
  const { version, built, debian, more = [], newest, size } = release
  const minor = version.replace(/\.\d+$/, '')
  const own = [version, ...(newest || version === '1.28.0' ? [minor] : []), ...more]
  const onAlpine = own.flatMap((tag) =>
    tag === 'latest' ? ['alpine'] : [`${tag}-alpine`, ...(isAtLeast(version, '1.21') ? [`${tag}-alpine-slim`] : [])],
  )
  const onDebian = own.flatMap((tag) => (isAtLeast(version, '1.25') && tag !== 'latest' ? [tag, `${tag}-${debian.name}`] : [tag]))
  const linux = (): LinuxImage => {
    const root = alpine ? alpineRoot(...ALPINE_3_22) : debianRoot(debian, Date.parse(built))
    const files = nginxFiles(
      version,
      alpine ? ALPINE_GCC : debian.gcc,
      alpine ? { '/usr/bin/curl': { program: curl('8.14.1'), size: 262_000 } } : {},
    )
    return upon(root, { builtAt: Date.parse(built), files, env: { NGINX_VERSION: version } })
  }
  return linuxImage({
    names: ['nginx'],
    tags: alpine ? onAlpine : onDebian,
    size: alpine ? 20_534_112 : size,
    pullTime: alpine ? 900 : 1500,
    linux,
    entrypoint: nginxEntrypoint(version),
    command: NGINX_COMMAND,
    stopSignal: isAtLeast(version, '1.19') ? 'QUIT' : 'TERM',
  })
}

export const nginx: ContainerImage[] = RELEASES.flatMap((release) => [imageOf(release, false), imageOf(release, true)])
