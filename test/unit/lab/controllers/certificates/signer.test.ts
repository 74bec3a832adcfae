import { X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { certificateAuthority } from '../../../../../server/lab/machinery/root-ca.ts'
import { startTestCluster, type TestCluster } from '../test-cluster.ts'

/** openssl req -new -key KEY -subj /O=dev/CN=jane, of a P-256 key. */
const REQUEST = [
  '-----BEGIN CERTIFICATE REQUEST-----',
  'MIHWMH8CAQAwHTEMMAoGA1UECgwDZGV2MQ0wCwYDVQQDDARqYW5lMFkwEwYHKoZI',
  'zj0CAQYIKoZIzj0DAQcDQgAEUjaNvw0bKehQi/uyRrterhODXFpxwYwiuzg0rH/v',
  '8LmDR/3fD4hWnS5x3HvGSuBp2rP5NylWMbj/FU/QZVOGDKAAMAoGCCqGSM49BAMC',
  'A0cAMEQCIDg8Ou7t9vorAVTYg7t3pvecbyUAznU7cX23dLygrJNgAiABf0QkKNoQ',
  'tmL0GQ9AuCIHDqk3Nw2c//2w8aY9DSW8wQ==',
  '-----END CERTIFICATE REQUEST-----',
].join('\n')
const RESOURCE = 'certificatesigningrequests.certificates.k8s.io'

let cluster: TestCluster
beforeEach(() => void (cluster = startTestCluster()))
afterEach(() => cluster.dispose())

function approve(spec: object = {}, request = REQUEST): void {
  cluster.store.create(RESOURCE, {
    metadata: { name: 'jane' },
    spec: {
      request: Buffer.from(request).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client',
      usages: ['client auth'],
      ...spec,
    },
  })
  const conditions = [{ type: 'Approved', status: 'True', reason: 'KubectlApprove', message: '' }]
  cluster.store.mutate(RESOURCE, null, 'jane', (copy) => void (copy['status'] = { conditions }), { subresource: 'status' })
  cluster.clock.forward(1_000)
}

const status = () => cluster.store.get(RESOURCE, null, 'jane')?.['status']
const certificate = () => new X509Certificate(Buffer.from(status().certificate, 'base64'))

it('an approved request of a client is issued a certificate of its subject and key, for as long as it asked', () => {
  approve({ expirationSeconds: 86_400, usages: ['digital signature', 'key encipherment', 'client auth'] })
  const { subject, issuer, keyUsage, validFrom, validTo, ca, publicKey } = certificate()
  expect([subject, issuer, ca, keyUsage]).toEqual(['O=dev\nCN=jane', 'CN=kubernetes', false, ['1.3.6.1.5.5.7.3.2']])
  expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(86_400_000)
  expect(publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
  const authority = new X509Certificate(certificateAuthority())
  expect([authority.subject, authority.ca, authority.verify(authority.publicKey)]).toEqual(['CN=kubernetes', true, true])
  expect([certificate().checkIssued(authority), certificate().verify(authority.publicKey)]).toEqual([true, true])
})

it('without a time it lasts a year, and never less than ten minutes', () => {
  approve()
  expect(Date.parse(certificate().validTo) - Date.parse(certificate().validFrom)).toBe(365 * 86_400_000)
})

it('usages that are not a client’s make it fail', () => {
  approve({ usages: ['server auth'] })
  expect(status().certificate).toBeUndefined()
  expect(status().conditions.at(-1)).toMatchObject({
    type: 'Failed',
    reason: 'SignerValidationFailure',
    message: 'invalid usage for client certificate: server auth',
  })
})

it('what is for another signer, or cannot be read, stays approved', () => {
  approve({ signerName: 'example.com/own' })
  expect(status().conditions).toHaveLength(1)
  cluster.store.delete(RESOURCE, null, 'jane', {})
  approve({}, '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----')
  expect(status()).toEqual({ conditions: [expect.objectContaining({ type: 'Approved' })] })
})
