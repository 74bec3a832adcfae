/** Issues client certificates: X.509 as the cluster's authority would write them, signed with a key that the lab makes for itself when it first needs one. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { bits, identifier, integer, NoDer, partsOf, sequence, set, tagged, time } from './der.ts'

const ECDSA_SHA256 = sequence(identifier('1.2.840.10045.4.3.2'))
const ISSUER = sequence(set(sequence(identifier('2.5.4.3'), tagged(0x0c, Buffer.from('kubernetes')))))
const BACKDATE = 5 * 60_000
const TRUE = tagged(0x01, Buffer.from([0xff]))

let authority: KeyObject | undefined

/** Subject and public key of a request; null where it is none. */
function read(request: string): { subject: Buffer; key: Buffer } | null {
  try {
    const [info] = partsOf(Buffer.from(request.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
    const [, subject, key] = info ? partsOf(info) : []
    return subject && key ? { subject, key } : null
  } catch (error) {
    if (error instanceof NoDer) return null
    throw error
  }
}

function extension(name: string, value: Buffer, isCritical = false): Buffer {
  return sequence(identifier(name), ...(isCritical ? [TRUE] : []), tagged(0x04, value))
}

/** digitalSignature is the first bit of a key's usages, keyEncipherment the third. */
function keyUsage(usages: readonly string[]): Buffer[] {
  const value = (usages.includes('digital signature') ? 0x80 : 0) | (usages.includes('key encipherment') ? 0x20 : 0)
  if (value === 0) return []
  return [extension('2.5.29.15', bits(Buffer.from([value]), value & 0x20 ? 5 : 7), true)]
}

/** A certificate as PEM, or null where the request, PEM too, cannot be read; `serial` 16 bytes; times in ms. */
export function issue(request: string, usages: readonly string[], serial: Buffer, now: number, lasts: number): string | null {
  const asked = read(request)
  if (!asked) return null
  const { subject, key } = asked
  authority ??= generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const extensions = sequence(
    ...keyUsage(usages),
    extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.19', sequence(), true),
  )
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    ISSUER,
    sequence(time(now - BACKDATE), time(now + lasts - BACKDATE)),
    subject,
    key,
    tagged(0xa3, extensions),
  )
  const signature = createSign('sha256').update(body).sign(authority)
  const lines =
    sequence(body, ECDSA_SHA256, bits(signature))
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
