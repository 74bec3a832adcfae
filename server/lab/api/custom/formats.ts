/** String formats of a schema that the server checks; one that it does not know is no rule (go-openapi/strfmt). */
import { isIPv4, isIPv6 } from 'node:net'

const FORMATS: Record<string, (value: string) => boolean> = {
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: (value) => {
    const [address = '', bits = ''] = value.split('/')
    const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1
    return /^\d+$/.test(bits) && Number(bits) <= most
  },
  'date-time': (value) => /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d/.test(value) && !Number.isNaN(Date.parse(value)),
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  duration: (value) => /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w))+$/.test(value) || value === '0',
  email: (value) => /^[^@\s]+@[^@\s]+$/.test(value),
  hostname: (value) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/i.test(value),
  mac: (value) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value),
  uri: (value) => URL.canParse(value),
  uuid: (value) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  byte: (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value),
}

export function hasFormat(format: string, value: string): boolean {
  return FORMATS[format]?.(value) ?? true
}
