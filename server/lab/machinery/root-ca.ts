/** The certificate authority that the cluster names in its ConfigMaps. The lab serves plain HTTP on loopback; nothing verifies with it. */
const BODY = [
  'MIIDBTCCAe2gAwIBAgIIcm9vdC1jYS0wDQYJKoZIhvcNAQELBQAwFTETMBEGA1UE',
  'AxMKa3ViZXJuZXRlczAeFw0yNjAxMDEwMDAwMDBaFw0zNTEyMzAwMDAwMDBaMBUx',
  'EzARBgNVBAMTCmt1YmVybmV0ZXMwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK',
]

export function certificateAuthority(): string {
  return ['-----BEGIN CERTIFICATE-----', ...BODY, '-----END CERTIFICATE-----', ''].join('\n')
}
