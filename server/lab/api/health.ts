/** Paths that are no resources: version, health, OpenAPI, the index. */
import { minorVersion } from '../resources/kit/version.ts'
import { sendText, type Exchange } from './exchange.ts'
import { servedVersions } from './discovery.ts'

const CHECKS = [
  'ping',
  'log',
  'etcd',
  'poststarthook/start-apiserver-admission-initializer',
  'poststarthook/generic-apiserver-start-informers',
  'poststarthook/priority-and-fairness-config-consumer',
  'poststarthook/priority-and-fairness-filter',
  'poststarthook/storage-object-count-tracker-hook',
  'poststarthook/start-apiextensions-informers',
  'poststarthook/start-apiextensions-controllers',
  'poststarthook/crd-informer-synced',
  'poststarthook/start-system-namespaces-controller',
  'poststarthook/start-cluster-authentication-info-controller',
  'poststarthook/start-kube-apiserver-identity-lease-controller',
  'poststarthook/start-kube-apiserver-identity-lease-garbage-collector',
  'poststarthook/start-legacy-token-tracking-controller',
  'poststarthook/start-service-ip-repair-controllers',
  'poststarthook/rbac/bootstrap-roles',
  'poststarthook/scheduling/bootstrap-system-priority-classes',
  'poststarthook/priority-and-fairness-config-producer',
  'poststarthook/bootstrap-controller',
  'poststarthook/start-kubernetes-service-cidr-controller',
  'poststarthook/aggregator-reload-proxy-client-cert',
  'poststarthook/start-kube-aggregator-informers',
  'poststarthook/apiservice-status-local-available-controller',
  'poststarthook/apiservice-status-remote-available-controller',
  'poststarthook/apiservice-registration-controller',
  'poststarthook/apiservice-discovery-controller',
  'poststarthook/kube-apiserver-autoregistration',
  'autoregister-completion',
  'poststarthook/apiservice-openapi-controller',
  'poststarthook/apiservice-openapiv3-controller',
]

/** What an API server is asked for before it may get requests. */
const READY_CHECKS = [...CHECKS.slice(0, 3), 'etcd-readiness', 'informer-sync', ...CHECKS.slice(3), 'shutdown']

const HEALTH = ['healthz', 'livez', 'readyz']

const checksOf = (kind: string): string[] => (kind === 'readyz' ? READY_CHECKS : CHECKS)

/** Answers paths outside of /api and /apis. False where the path is none of them. */
export async function serveNonResource(exchange: Exchange): Promise<boolean> {
  const { path } = exchange
  if (path === '/version' || path === '/version/') {
    sendText(exchange, 200, JSON.stringify(versionInfo(exchange.lab.settings.version), null, 2), 'application/json')
    return true
  }
  const health = /^\/(healthz|livez|readyz)(?:\/(.*))?$/.exec(path)
  if (health) {
    const [, kind = '', check = ''] = health
    return serveHealth(exchange, kind, check)
  }
  if (path === '/' || path === '') {
    const versions = servedVersions(exchange.lab.store)
    const paths = new Set(['/api', '/apis', '/apis/', '/openapi/v2', '/openapi/v3', '/openapi/v3/', '/version'])
    for (const kind of HEALTH) for (const check of ['', ...checksOf(kind)]) paths.add(check === '' ? `/${kind}` : `/${kind}/${check}`)
    for (const { group, version } of versions) {
      if (group === '') paths.add(`/api/${version}`)
      else paths.add(`/apis/${group}`).add(`/apis/${group}/${version}`)
    }
    sendText(exchange, 200, JSON.stringify({ paths: [...paths].toSorted() }, null, 2), 'application/json')
    return true
  }
  if (!path.startsWith('/openapi/')) return false
  const { serveOpenApi } = await import('./openapi/serve.ts')
  return serveOpenApi(exchange)
}

function serveHealth(exchange: Exchange, kind: string, check: string): boolean {
  const checks = checksOf(kind)
  if (check !== '' && !checks.includes(check)) return false
  const plain = { 'X-Content-Type-Options': 'nosniff' }
  if (check !== '' || !exchange.query.has('verbose')) {
    sendText(exchange, 200, 'ok', 'text/plain; charset=utf-8', plain)
    return true
  }
  const excluded = exchange.query.getAll('exclude')
  const lines = checks.map((name) => `[+]${name} ${excluded.includes(name) ? 'excluded: ok' : 'ok'}\n`).join('')
  sendText(exchange, 200, `${lines}${kind} check passed\n`, 'text/plain; charset=utf-8', plain)
  return true
}

/** What /version tells of the presets' releases; of 1.35.4 what a build from its sources tells. */
const RELEASES: Record<string, { gitCommit: string; buildDate: string; goVersion: string }> = {
  'v1.35.4': { gitCommit: '$Format:%H$', buildDate: '1970-01-01T00:00:00Z', goVersion: 'go1.26.8' },
  'v1.20.1': { gitCommit: 'c4d752765b3bbac2237bf87cf0b1c2e307844666', buildDate: '2020-12-18T12:00:47Z', goVersion: 'go1.15.5' },
}

function versionInfo(gitVersion: string): object {
  const minor = minorVersion({ version: gitVersion })
  const release = RELEASES[gitVersion] ?? { gitCommit: '', buildDate: '', goVersion: '' }
  return {
    major: '1',
    minor: String(minor),
    ...(minor >= 34
      ? { emulationMajor: '1', emulationMinor: String(minor), minCompatibilityMajor: '1', minCompatibilityMinor: String(minor - 1) }
      : {}),
    gitVersion,
    gitCommit: release.gitCommit,
    gitTreeState: 'clean',
    buildDate: release.buildDate,
    goVersion: release.goVersion,
    compiler: 'gc',
    platform: 'linux/amd64',
  }
}
