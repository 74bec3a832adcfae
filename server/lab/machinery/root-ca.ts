/**
 * The certificate authority that the cluster names in its ConfigMaps, and what it signs: a key that this process makes for itself when it is first asked for,
 * in the form in which OpenSSL and the controller-manager write certificates. The lab serves plain HTTP on loopback; nothing is verified with it.
 */
import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { minorVersion } from '../resources/kit/version.ts'
import { bits, identifier, integer, sequence, set, tagged, time } from './der.ts'

const ECDSA_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))
const NAME = sequence(set(sequence(identifier('2.5.4.3'), tagged(0x0c, Buffer.from('kubernetes')))))
const TRUE = tagged(0x01, Buffer.from([0xff]))
/** Ten years, as kubeadm's. */
const VALID_FROM = Date.UTC(2026, 0, 1)
const VALID_UNTIL = Date.UTC(2035, 11, 30)

interface Authority {
  key: KeyObject
  keyIdentifier: Buffer
  certificate: string
}

export interface Certified {
  serial: Buffer
  /** DER of the subject and of its public key. */
  subject: Buffer
  publicKey: Buffer
  /** ms. */
  from: number
  until: number
  extensions: Buffer[]
}

let made: Authority | undefined

function authority(): Authority {
  if (made) return made
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  // the key itself is what follows the curve's name: an uncompressed point of 65 bytes
  const keyIdentifier = createHash('sha1').update(spki.subarray(-65)).digest()
  const extensions = [
    extension('2.5.29.14', tagged(0x04, keyIdentifier)),
    issuedBy(keyIdentifier),
    extension('2.5.29.19', sequence(TRUE), true),
  ]
  const serial = randomBytes(20)
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40
  const own = { serial, subject: NAME, publicKey: spki, from: VALID_FROM, until: VALID_UNTIL, extensions }
  made = { key, keyIdentifier, certificate: signed(own, key) }
  return made
}

/** An extension of a certificate; `value` in DER. */
export function extension(name: string, value: Buffer, isCritical = false): Buffer {
  return sequence(identifier(name), ...(isCritical ? [TRUE] : []), tagged(0x04, value))
}

/** The extension that names the key of who signed. */
function issuedBy(keyIdentifier: Buffer): Buffer {
  return extension('2.5.29.35', sequence(tagged(0x80, keyIdentifier)))
}

function signed({ serial, subject, publicKey, from, until, extensions }: Certified, key: KeyObject): string {
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    NAME,
    sequence(time(from), time(until)),
    subject,
    publicKey,
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = createSign('sha256').update(body).sign(key)
  const lines =
    sequence(body, ECDSA_SHA256, bits(signature))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

/** A certificate of the authority's, as PEM. */
export function certify(certified: Certified): string {
  const { key, keyIdentifier } = authority()
  return signed({ ...certified, extensions: [...certified.extensions, issuedBy(keyIdentifier)] }, key)
}

/** The authority's own certificate, as PEM. */
export function certificateAuthority(): string {
  return authority().certificate
}

export const ROOT_CERTIFICATES = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** The ConfigMap's metadata apart from its namespace, and its data. */
export function rootCertificates(settings: { version: string }): { annotations?: Record<string, string>; data: Record<string, string> } {
  const annotations = { 'kubernetes.io/description': DESCRIPTION }
  return { ...(minorVersion(settings) >= 21 ? { annotations } : {}), data: { 'ca.crt': certificateAuthority() } }
}
