/**
 * The .curlrc of a shell that stands for the client outside the cluster.
 *
 * - Through the SOCKS proxy goes what may be silent: while a SOCKS handshake lasts, curl counts itself as connecting, so a time-out is the one of a
 *   connection, in word and code.
 * - Past it (noproxy) goes what refuses. curl is bound to the loopback interface, from where no kernel connects to 192.168.1.101: it fails at once,
 *   with the address and port that the user typed, and nothing leaves the machine.
 *   So do the names that only the cluster's DNS has: curl itself finds that it cannot resolve them.
 * - connect-to leads those ports that are open on such hosts to ports of ours, and those where packets are lost to a silent one.
 * - libcurl makes curl write down what it asked for, since the lab hears nothing of what refuses (curl-witness.ts).
 */
import { CLIENT, parseAddress } from './hosts.ts'

export interface CurlConfig {
  /** Port of the SOCKS proxy on loopback. */
  socks: number
  /** Hosts that refuse connections, but for their doors. */
  refusing: string[]
  doors: { host: string; port: number; to: number }[]
  /** Names, or ends of names, that nobody outside of the cluster knows: curl is to find that out itself. */
  unknown: string[]
  /** Where curl writes down what it asked for; null where it cannot. */
  witness: string | null
}

export function curlConfig({ socks, refusing, doors, unknown, witness }: CurlConfig): string {
  return [
    '# Written by the lab whenever its network changes: this shell is the client outside the cluster.',
    'interface = "127.0.0.1"',
    `proxy = "socks5h://127.0.0.1:${socks}"`,
    `noproxy = "${[...refusing, 'localhost', ...outsideOfLan(), ...unknown].join(',')}"`,
    ...(witness === null ? [] : [`libcurl = "${witness}"`]),
    ...doors.map(({ host, port, to }) => `connect-to = "${host}:${port}:127.0.0.1:${to}"`),
    '',
  ].join('\n')
}

/** Everything but the client's own /24, as prefixes: there is no route to it. */
function outsideOfLan(): string[] {
  const lan = (parseAddress(CLIENT.address) as number) & ~0xff
  const prefixes: string[] = []
  for (let bits = 1; bits <= 24; bits++) {
    const sibling = ((lan ^ (1 << (32 - bits))) & (-1 << (32 - bits))) >>> 0
    prefixes.push(`${sibling >>> 24}.${(sibling >>> 16) & 255}.${(sibling >>> 8) & 255}.${sibling & 255}/${bits}`)
  }
  return prefixes
}
