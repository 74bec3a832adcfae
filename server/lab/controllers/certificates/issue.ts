/** Issues client certificates: X.509 as the cluster's authority would write them (pkg/controller/certificates/authority). */
import { bits, NoDer, partsOf, sequence, identifier } from '../../machinery/der.ts'
import { certify, extension } from '../../machinery/root-ca.ts'

const BACKDATE = 5 * 60_000

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
  const extensions = [
    ...keyUsage(usages),
    extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.19', sequence(), true),
  ]
  return certify({ serial, subject, publicKey: key, from: now - BACKDATE, until: now + lasts - BACKDATE, extensions })
}
