/** Images on one node: which are there, pulls one after the other (serializeImagePulls), back-off per pod and image; as images/image_manager.go. */
import type { Timer } from '../clock.ts'
import { minorVersion } from '../resources/kit/version.ts'
import type { EventRecorder } from '../machinery/events.ts'
import type { KubeObject } from '../resources/definition.ts'
import type { KubeletContext } from './context.ts'
import type { ContainerImage } from './image.ts'
import { digestOf, findImage, hasRepository } from './images/index.ts'
import type { ContainerSpec } from './pod-spec.ts'
import { type ImageReference, parseImageReference } from './reference.ts'

export type PullOutcome =
  | { image: ContainerImage; name: string; id: string }
  /** `reason` and `message` for status.state.waiting; `until`: when the back-off ends, ms. */
  | { reason: string; message: string; until: number | null }

/** What Docker Hub needs to answer for an image that is not there, and the time-outs before it, ms. */
const FAILED_PULL_TIME = 9000
/** The least that an answer takes about an image that is there, ms. */
const LOOK_UP_TIME = 10
const FIRST_BACK_OFF = 10_000
const LONGEST_BACK_OFF = 300_000

export class ImagePuller {
  private readonly present = new Set<string>()
  private readonly backOffs = new Map<string, { ms: number; at: number; error: string }>()
  private readonly waiting: (() => void)[] = []
  private busy = false
  private timers = new Set<Timer>()
  private readonly context: KubeletContext
  private readonly recorder: EventRecorder

  constructor(context: KubeletContext, recorder: EventRecorder) {
    this.context = context
    this.recorder = recorder
  }

  /** Images of pods that run already, or of the node's installation. */
  addPresent(name: string): void {
    const reference = parseImageReference(name)
    if (reference) this.present.add(reference.canonical)
  }

  /** Names and sizes for the node's status, largest first. */
  list(): { names: string[]; sizeBytes: number }[] {
    return [...this.present]
      .flatMap((canonical) => {
        const reference = parseImageReference(canonical)
        const image = reference && findImage(this.context.preset.registry, reference)
        return reference && image ? [{ names: [`${reference.repository}@${digestOf(image)}`, canonical], sizeBytes: image.size }] : []
      })
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  }

  dispose(): void {
    for (const timer of this.timers) timer.cancel()
    this.timers.clear()
    this.waiting.length = 0
    this.busy = false
  }

  /** Gets a container's image, with the events that this makes on the pod. `done` may be called at once. */
  ensure(pod: KubeObject, container: ContainerSpec, fieldPath: string, done: (outcome: PullOutcome) => void): void {
    const { recorder } = this
    const { image: text } = container
    const event = (type: 'Normal' | 'Warning', reason: string, message: string): void =>
      recorder.event(pod, type, reason, message, fieldPath)
    const reference = parseImageReference(text)
    if (!reference) {
      const why =
        text.toLowerCase() === text
          ? 'invalid reference format'
          : `invalid reference format: repository name (${repositoryPath(text)}) must be lowercase`
      const message = `Failed to apply default image tag "${text}": couldn't parse image name "${text}": ${why}`
      event('Warning', 'InspectFailed', message)
      event('Warning', 'Failed', 'Error: InvalidImageName')
      return done({ reason: 'InvalidImageName', message, until: null })
    }
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const isPresent = this.present.has(reference.canonical)
    const image = findImage(this.context.preset.registry, reference)
    if (isPresent && image && policy !== 'Always') {
      const accessible = minorVersion(this.context.settings) >= 35 ? ' and can be accessed by the pod' : ''
      event('Normal', 'Pulled', `Container image "${text}" already present on machine${accessible}`)
      return done(this.found(image, reference))
    }
    if (policy === 'Never') {
      const message = `Container image "${text}" is not present with pull policy of Never`
      event('Warning', 'ErrImageNeverPull', message)
      event('Warning', 'Failed', 'Error: ErrImageNeverPull')
      return done({ reason: 'ErrImageNeverPull', message, until: null })
    }
    const key = `${pod.metadata.uid}_${reference.canonical}`
    const backOff = this.backOffs.get(key)
    if (backOff && this.context.clock.now() < backOff.at + backOff.ms) {
      const message = `Back-off pulling image "${text}"`
      event('Normal', 'BackOff', message)
      event('Warning', 'Failed', 'Error: ImagePullBackOff')
      const detail = minorVersion(this.context.settings) >= 31 ? `: ErrImagePull: ${backOff.error}` : ''
      return done({ reason: 'ImagePullBackOff', message: message + detail, until: backOff.at + backOff.ms })
    }
    event('Normal', 'Pulling', `Pulling image "${text}"`)
    const asked = this.context.clock.now()
    this.enqueue(() => this.pull(reference, isPresent, (began) => this.finished(pod, text, reference, key, event, asked, began, done)))
  }

  private finished(
    pod: KubeObject,
    text: string,
    reference: ImageReference,
    key: string,
    event: (type: 'Normal' | 'Warning', reason: string, message: string) => void,
    asked: number,
    began: number,
    done: (outcome: PullOutcome) => void,
  ): void {
    const { clock, settings, preset } = this.context
    const now = clock.now()
    const image = findImage(this.context.preset.registry, reference)
    if (image) {
      this.present.add(reference.canonical)
      this.backOffs.delete(key)
      event('Normal', 'Pulled', pulledMessage(minorVersion(settings), text, now - began, now - asked, image.size))
      return done(this.found(image, reference))
    }
    const earlier = this.backOffs.get(key)
    const ms = earlier ? Math.min(earlier.ms * 2, LONGEST_BACK_OFF) : FIRST_BACK_OFF
    const error = pullError(preset.registry, reference, minorVersion(settings))
    // what failed so long ago is forgotten (Backoff.GC of client-go's util/flowcontrol)
    for (const [other, { at }] of this.backOffs) if (now - at > 2 * LONGEST_BACK_OFF) this.backOffs.delete(other)
    this.backOffs.set(key, { ms, at: now, error })
    event('Warning', 'Failed', `Failed to pull image "${text}": ${error}`)
    event('Warning', 'Failed', 'Error: ErrImagePull')
    done({ reason: 'ErrImagePull', message: error, until: now + ms })
  }

  private found(image: ContainerImage, reference: ImageReference): PullOutcome {
    const docker = minorVersion(this.context.settings) < 24
    const repository = docker ? reference.familiar : reference.repository
    return {
      image,
      name: docker ? `${reference.familiar}:${reference.tag}` : reference.canonical,
      id: `${docker ? 'docker-pullable://' : ''}${repository}@${digestOf(image)}`,
    }
  }

  private enqueue(job: () => void): void {
    this.waiting.push(job)
    if (!this.busy) this.next()
  }

  private next(): void {
    const job = this.waiting.shift()
    this.busy = job !== undefined
    job?.()
  }

  private pull(reference: ImageReference, isPresent: boolean, done: (began: number) => void): void {
    const { clock, random } = this.context
    const began = clock.now()
    const image = findImage(this.context.preset.registry, reference)
    // an image whose layers are there only has its manifest looked up
    const ms = !image
      ? FAILED_PULL_TIME + random() * 400
      : isPresent
        ? LOOK_UP_TIME + random() ** 2 * 80
        : image.pullTime * (0.85 + random() * 0.4)
    const timer = clock.after(Math.round(ms), () => {
      this.timers.delete(timer)
      done(began)
      this.next()
    })
    this.timers.add(timer)
  }
}

/** Go's time.Duration, rounded to ms. */
function duration(ms: number): string {
  return ms < 1000 ? `${ms}ms` : `${Number((ms / 1000).toFixed(3))}s`
}

function pulledMessage(minor: number, image: string, pulling: number, waiting: number, size: number): string {
  if (minor < 22) return `Successfully pulled image "${image}" in ${duration(pulling)}`
  const including = minor >= 27 ? ` (${duration(waiting)} including waiting)` : ''
  return `Successfully pulled image "${image}" in ${duration(pulling)}${including}${minor >= 30 ? `. Image size: ${size} bytes.` : ''}`
}

/** The registry's and the runtime's words. */
function pullError(registry: string, reference: ImageReference, minor: number): string {
  const { canonical, familiar, tag } = reference
  const domain = canonical.slice(0, canonical.indexOf('/'))
  const known = hasRepository(registry, reference)
  if (minor < 24) {
    const error = known
      ? `manifest for ${familiar}:${tag} not found: manifest unknown: manifest unknown`
      : domain === 'docker.io'
        ? `pull access denied for ${familiar}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`
        : `Get https://${domain}/v2/: dial tcp: lookup ${domain} on 10.0.2.3:53: no such host`
    return `rpc error: code = Unknown desc = Error response from daemon: ${error}`
  }
  const why = known
    ? `${canonical}: not found`
    : domain === 'docker.io'
      ? 'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed'
      : `failed to do request: Head "https://${domain}/v2/${reference.repository.slice(domain.length + 1)}/manifests/${tag}": dial tcp: lookup ${domain} on 127.0.0.53:53: no such host`
  return `failed to pull and unpack image "${canonical}": failed to resolve reference "${canonical}": ${why}`
}

/** What stands behind the registry's host: a first part with a dot, a port or a capital letter is one (splitDockerDomain of distribution/reference). */
function repositoryPath(text: string): string {
  const name = text.replace(/:[^/]*$/, '')
  const slash = name.indexOf('/')
  if (slash < 0) return `library/${name}`
  const first = name.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()
  return isHost ? name.slice(slash + 1) : name
}
