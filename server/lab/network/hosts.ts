/** The machines on the lab's LAN: the client outside the cluster and the nodes, each with its address and its network card. */

/** The client outside the cluster. */
export const CLIENT = { name: 'client', address: '192.168.1.1' }

/** A hardware address with VirtualBox's prefix, always the same for the same IPv4 address. */
export function macOf(address: string): string {
  const low = address.split('.').slice(1).map(Number)
  return ['08', '00', '27', ...low.map((byte) => (byte ^ 0x5a).toString(16).padStart(2, '0'))].join(':')
}

/** An IPv4 address as a number, or null where the text is none. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.')
  if (parts.length !== 4) return null
  let value = 0
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return null
    value = value * 256 + Number(part)
  }
  return value
}

/** Whether an address lies in a CIDR range: `10.96.0.0/12`. False for anything that is no IPv4. */
export function inCidr(address: string, cidr: string): boolean {
  const [base, bits] = cidr.split('/')
  const value = parseAddress(address)
  const network = parseAddress(base ?? '')
  if (value === null || network === null) return false
  const size = 2 ** (32 - Number(bits ?? 32))
  return Math.floor(value / size) === Math.floor(network / size)
}

/** The LAN as the client sees it: it is on 192.168.1.0/24 and has no other route. */
export function onLan(address: string): boolean {
  return inCidr(address, `${CLIENT.address}/24`)
}
