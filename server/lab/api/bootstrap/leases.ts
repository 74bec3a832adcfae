/** Leases of the control plane: the API server's identity, and who leads the controller managers and schedulers. */
import { createHash } from 'node:crypto'
import type { LabContext } from '../../context.ts'
import { randomUuid } from '../../random.ts'
import type { Disposable } from '../../store/store.ts'
import { minorVersion } from '../../resources/kit/version.ts'

const LEASES = 'leases.coordination.k8s.io'
const IDENTITY_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** How often each is renewed, ms of lab time: IdentityLeaseRenewIntervalPeriod, and the leader election's retryPeriod. */
const IDENTITY_RENEWAL = 10_000
const LEADER_RENEWAL = 2_000

/** A text behind its length in two bytes, as cryptobyte writes it. */
function prefixed(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length >> 8, text.length & 255]), Buffer.from(text)])
}

/** As Go's base32 without padding, in small letters. */
function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => IDENTITY_ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
}

function microTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`
}

/** Makes them, and renews them as long as the control plane's machine is on. */
export function startLeases(lab: LabContext, at: number): Disposable {
  const { store, clock, preset, settings, random } = lab
  const host = preset.nodes.find(({ controlPlane }) => controlPlane)?.name
  if (host === undefined || !store.definition(LEASES)) return { dispose() {} }
  const timers: Disposable[] = []
  const hold = (name: string, holderIdentity: string, seconds: number, renewal: number, fieldManager: string, more: object): void => {
    const labels = name.startsWith('apiserver-')
      ? { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': host }
      : undefined
    const take = (since: number): void => {
      const spec = { holderIdentity, leaseDurationSeconds: seconds, renewTime: microTime(clock.now()), ...more }
      store.create(
        LEASES,
        { metadata: { name, namespace: 'kube-system', ...(labels ? { labels } : {}) }, spec },
        { at: since, fieldManager },
      )
    }
    take(at)
    const renew = (): void => {
      if (!lab.power.isOn(host)) return
      const renewTime = microTime(clock.now())
      const renewed = store.mutate(LEASES, 'kube-system', name, ({ spec: held }) => void (held.renewTime = renewTime), { fieldManager })
      if (!renewed) take(clock.now())
    }
    const timer = clock.every(renewal, renew)
    timers.push({ dispose: () => timer.cancel() })
  }
  if (minorVersion(settings) >= 26) {
    const identity = `apiserver-${base32(createHash('sha256').update(prefixed(host)).update(prefixed('kube-apiserver')).digest().subarray(0, 16))}`
    hold(identity, `${identity}_${randomUuid(random)}`, 3600, IDENTITY_RENEWAL, 'kube-apiserver', {})
  }
  // started by hand, there is one of each, and none is elected
  for (const name of preset.installer === null ? [] : ['kube-controller-manager', 'kube-scheduler']) {
    const more = { acquireTime: microTime(at), leaseTransitions: 0 }
    hold(name, `${host}_${randomUuid(random)}`, 15, LEADER_RENEWAL, name, more)
  }
  return { dispose: () => timers.forEach((timer) => timer.dispose()) }
}
