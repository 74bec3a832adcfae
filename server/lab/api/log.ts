/** pods/log. */
import type { LogLine } from '../contracts/logs.ts'
import { ApiError, badRequest, invalid, notFound } from '../store/api-error.ts'
import type { FieldError, KubeObject } from '../resources/definition.ts'
import { rfc3339NanoFixed } from '../resources/kit/time.ts'
import { sendText, type Exchange } from './exchange.ts'
import { goQuote, parseFlag, parseInteger } from './go-words.ts'
import { dialKubelet, isOffline } from './kubelet-dial.ts'
import type { Target } from './target.ts'
import { clientTime } from './time/client-time.ts'

const TEXT = 'text/plain'

interface LogOptions {
  follow: boolean
  previous: boolean
  timestamps: boolean
  tailLines: number | null
  sinceTime: number | null
  limitBytes: number | null
}

function options(query: URLSearchParams, pod: string, now: number, shift: number): LogOptions {
  const flag = (name: string): boolean => parseFlag(query, name)
  const integer = (name: string): number | null => parseInteger(query, name)
  const seconds = integer('sinceSeconds')
  const since = query.get('sinceTime')
  if (since && Number.isNaN(Date.parse(since))) {
    throw badRequest(`parsing time ${goQuote(since)} as "2006-01-02T15:04:05Z07:00": cannot parse ${goQuote(since)} as "2006"`)
  }
  const wrong: FieldError[] = []
  const [tail, bytes] = [integer('tailLines'), integer('limitBytes')]
  const positive = 'must be greater than 0'
  if (tail !== null && tail < 0)
    wrong.push({ type: 'Invalid', field: 'tailLines', value: tail, detail: 'must be greater than or equal to 0' })
  if (bytes !== null && bytes < 1) wrong.push({ type: 'Invalid', field: 'limitBytes', value: bytes, detail: positive })
  if (seconds !== null && since) {
    wrong.push({ type: 'Forbidden', field: '[]', detail: 'at most one of `sinceTime` or `sinceSeconds` may be specified' })
  } else if (seconds !== null && seconds < 1) wrong.push({ type: 'Invalid', field: 'sinceSeconds', value: seconds, detail: positive })
  if (wrong.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, wrong)
  return {
    follow: flag('follow'),
    previous: flag('previous'),
    timestamps: flag('timestamps'),
    tailLines: tail,
    sinceTime: seconds !== null ? now - seconds * 1000 : since ? Date.parse(since) - shift * 1000 : null,
    limitBytes: bytes,
  }
}

/** The container that is meant, as validation of PodLogOptions finds it. Throws BadRequest. */
export function containerOf(pod: KubeObject, asked: string | null, words: 'container' | 'exec'): string {
  const names = (list: { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name)
  const containers = names(pod.spec?.containers)
  const initContainers = names(pod.spec?.initContainers)
  const { name } = pod.metadata
  if (asked) {
    if ([...containers, ...initContainers, ...names(pod.spec?.ephemeralContainers)].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  if (containers.length === 1) return containers[0] as string
  const choices = `choose one of: [${containers.join(' ')}]${initContainers.length ? ` or one of the init containers: [${initContainers.join(' ')}]` : ''}`
  throw badRequest(`a container name must be specified for pod ${name}, ${words === 'exec' ? choices : choices}`)
}

/** Why a container that has not run has no log. */
function waitingReason(pod: KubeObject, container: string): string | null {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]
  const status = statuses.find(({ name }: { name: string }) => name === container)
  return status?.state?.waiting?.reason ?? null
}

export async function servePodLog(exchange: Exchange, target: Target): Promise<void> {
  const { lab, response, query } = exchange
  const name = target.name as string
  const pod = lab.store.get('pods', target.namespace, name)
  if (!pod) throw notFound(target.definition, name)
  const wanted = options(query, name, lab.clock.now(), clientTime(exchange).shift())
  const container = containerOf(pod, query.get('container'), 'container')
  // nobody has a log where there is no node (LogLocation of pkg/registry/core/pod)
  if (!pod.spec?.nodeName) return sendNothing(exchange)
  if (isOffline(lab, pod)) {
    const path = `/containerLogs/${target.namespace}/${name}/${container}${kubeletQuery(query)}`
    throw new ApiError(500, '', await new Promise<string>((failed) => dialKubelet(lab, pod, 'Get', path, failed)))
  }
  const log = lab.runtime?.log(target.namespace as string, name, container, wanted.previous)
  if (!log) {
    if (wanted.previous) throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`)
    const why = waitingReason(pod, container)
    // as validateContainerLogStatus of kubelet_pods.go
    if (why === 'ImagePullBackOff') {
      throw badRequest(`container "${container}" in pod "${name}" is waiting to start: trying and failing to pull image`)
    }
    if (why === 'ErrImagePull') {
      throw badRequest(`container "${container}" in pod "${name}" is waiting to start: image can't be pulled`)
    }
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${why ?? 'ContainerCreating'}`)
  }
  if (log.lost) return sendText(exchange, 200, log.lost, TEXT)
  const times = clientTime(exchange)
  const print = ({ at, text, partial }: LogLine): string =>
    `${wanted.timestamps ? `${rfc3339NanoFixed(at + times.shift() * 1000)} ` : ''}${text}${partial ? '' : '\n'}`
  let lines = log.lines.filter(({ at }) => wanted.sinceTime === null || at >= wanted.sinceTime)
  if (wanted.tailLines !== null && wanted.tailLines >= 0) lines = wanted.tailLines === 0 ? [] : lines.slice(-wanted.tailLines)
  let text = lines.map(print).join('')
  if (wanted.limitBytes !== null) text = Buffer.from(text).subarray(0, wanted.limitBytes).toString()
  if (!wanted.follow) return sendText(exchange, 200, text, TEXT)
  response.writeHead(200, { 'Content-Type': TEXT, 'Cache-Control': 'no-cache, private' })
  response.flushHeaders()
  response.write(text)
  const following = log.follow(
    (line) => void response.write(print(line)),
    () => response.end(),
  )
  const close = (): void => {
    following.dispose()
    ending.dispose()
    response.end()
  }
  const ending = lab.onDispose(close)
  response.on('close', close)
}

/** What of a log's options the API server hands on. */
function kubeletQuery(query: URLSearchParams): string {
  const names = ['follow', 'limitBytes', 'previous', 'sinceSeconds', 'sinceTime', 'tailLines', 'timestamps']
  const passed = names.flatMap((name) => {
    const value = query.get(name)
    return value === null || value === '' || value === 'false' ? [] : `${name}=${encodeURIComponent(value)}`
  })
  return passed.length > 0 ? `?${passed.join('&')}` : ''
}

function sendNothing({ response }: Exchange): void {
  response.writeHead(204, { 'Cache-Control': 'no-cache, private' })
  response.end()
}
