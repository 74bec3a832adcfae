import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { BUILDS, officialUrl } from '../../../server/kubectl-builds.ts'
import { cacheFolder, resolveKubectl } from '../../../server/kubectl.ts'
import { Problem } from '../../../server/problem.ts'

let folder: string
let program: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-test-'))
  program = join(folder, 'kubectl')
  await writeFile(program, '#!/bin/sh\n')
  await chmod(program, 0o755)
  return () => rm(folder, { recursive: true })
})

describe('kubectl', () => {
  it('is the one that $KUBECTL names', async () => {
    expect(await resolveKubectl({ env: { KUBECTL: program, PATH: '/usr/bin' } })).toBe(program)
  })

  it('is the first one on PATH otherwise', async () => {
    expect(await resolveKubectl({ env: { PATH: ['/nowhere', '', folder].join(delimiter) } })).toBe(program)
  })

  it('is not looked for elsewhere where $KUBECTL is wrong', async () => {
    await expect(resolveKubectl({ env: { KUBECTL: '/nowhere/kubectl', PATH: folder } })).rejects.toThrow(
      new Problem('$KUBECTL is /nowhere/kubectl, which is no program that can be run: correct it or unset it'),
    )
  })

  it('comes from the cache folder of the user', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe(join('/cache', 'onprem-loadbalancer-talk'))
  })

  it('is pinned by integrity and sha256 for every version that is used', () => {
    for (const build of Object.values(BUILDS)) {
      expect(build.integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/)
      expect(build.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(build.package).toMatch(/@\d+\.\d+\.\d+$/)
    }
  })

  it('has an official place for every platform that people present on', () => {
    expect(officialUrl('1.35', 'darwin-arm64')).toBe('https://dl.k8s.io/release/v1.35.2/bin/darwin/arm64/kubectl')
    expect(officialUrl('1.35', 'win32-x64')).toBe('https://dl.k8s.io/release/v1.35.2/bin/windows/amd64/kubectl.exe')
    expect(officialUrl('1.35', 'aix-ppc64')).toBeNull()
  })
})
