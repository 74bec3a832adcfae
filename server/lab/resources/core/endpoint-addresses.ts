import { isIP } from 'node:net'
import type { FieldError } from '../definition.ts'
import { invalid } from '../kit/field-errors.ts'

/** Addresses that no endpoint can have. */
const SPECIAL: [pattern: RegExp, message: (address: string) => string][] = [
  [/^(0\.0\.0\.0|::)$/, (address) => `may not be unspecified (${address})`],
  [/^(127\.|::1$)/, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab])/i, () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff[0-9a-f]2:)/i, () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
]

/** An address that packets can be sent to (ValidateEndpointIP). */
export function checkEndpointIp(address: string, path: string): FieldError[] {
  if (isIP(address) === 0) return [invalid(path, address, 'must be a valid IP address')]
  return SPECIAL.filter(([pattern]) => pattern.test(address)).map(([, message]) => invalid(path, address, message(address)))
}
