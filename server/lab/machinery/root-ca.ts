/** The certificate authority that the cluster names in its ConfigMaps. The lab serves plain HTTP on loopback; nothing verifies with it. */
import { minorVersion } from '../resources/kit/version.ts'

const BODY = [
  'MIIDBTCCAe2gAwIBAgIIcm9vdC1jYS0wDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE',
  'AxMKa3ViZXJuZXRlczAeFw0yNjAxMDEwMDAwMDBaFw0zNTEyMzAwMDAwMDBaMBUx',
  'EzARBgNVBAMTCmt1YmVybmV0ZXMwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK',
]

export function certificateAuthority(): string {
  return ['-----BEGIN CERTIFICATE-----', ...BODY, '-----END CERTIFICATE-----', ''].join('\n')
}

export const ROOT_CERTIFICATES = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/** The ConfigMap's metadata apart from its namespace, and its data. */
export function rootCertificates(settings: { version: string }): { annotations?: Record<string, string>; data: Record<string, string> } {
  const annotations = { 'kubernetes.io/description': DESCRIPTION }
  return { ...(minorVersion(settings) >= 21 ? { annotations } : {}), data: { 'ca.crt': certificateAuthority() } }
}
