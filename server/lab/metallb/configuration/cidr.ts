/** Address ranges as MetalLB writes them: a CIDR prefix, or first and last address, which is broken up into prefixes. IPv4 and IPv6. */
import ipaddr from 'ipaddr.js'

export interface Cidr {
  family: 4 | 6
  /** First address of the prefix. */
  base: bigint
  bits: number
}

interface Address {
  family: 4 | 6
  value: bigint
}

const WIDTH = { 4: 32n, 6: 128n } as const

/** As Go's net.ParseIP: null for anything that is no address. */
export function parseIp(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return { family: 4, value: toNumber(ipaddr.IPv4.parse(text).toByteArray()) }
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text)) {
    const parsed = ipaddr.IPv6.parse(text)
    if (parsed.isIPv4MappedAddress()) return { family: 4, value: toNumber(parsed.toIPv4Address().toByteArray()) }
    return { family: 6, value: toNumber(parsed.toByteArray()) }
  }
  return null
}

function toNumber(bytes: number[]): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

export function ipText({ family, value }: Address): string {
  const bytes: number[] = []
  for (let shift = WIDTH[family] - 8n; shift >= 0n; shift -= 8n) bytes.push(Number((value >> shift) & 255n))
  return ipaddr.fromByteArray(bytes).toString()
}

/** `192.168.1.12/30`. */
export function cidrText({ family, base, bits }: Cidr): string {
  return `${ipText({ family, value: base })}/${bits}`
}

function size({ family, bits }: Cidr): bigint {
  return 1n << (WIDTH[family] - BigInt(bits))
}

export function cidrContains(cidr: Cidr, text: string): boolean {
  const address = parseIp(text)
  return address !== null && address.family === cidr.family && address.value >= cidr.base && address.value < cidr.base + size(cidr)
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return a.family === b.family && a.base < b.base + size(b) && b.base < a.base + size(a)
}

/** Addresses that end in .0 or .255, which old firmware takes for broadcasts. */
export function isBuggy(text: string): boolean {
  return /\.(0|255)$/.test(text)
}

/** The addresses of a prefix in order. */
export function* addressesOf(cidr: Cidr): Generator<string> {
  const end = cidr.base + size(cidr)
  for (let value = cidr.base; value < end; value++) yield ipText({ family: cidr.family, value })
}

/** How many addresses a prefix has to give; IPv6 prefixes of 62 bits and more count as endless (2^63 - 1). */
export function countOf(cidr: Cidr, avoidBuggy: boolean): bigint {
  if (WIDTH[cidr.family] - BigInt(cidr.bits) >= 62n) return (1n << 63n) - 1n
  const all = size(cidr)
  if (!avoidBuggy || cidr.family === 6) return all
  if (cidr.bits <= 24) return all - (1n << BigInt(24 - cidr.bits)) * 2n
  const ends = [cidr.base, cidr.base + all - 1n].filter((value) => isBuggy(ipText({ family: 4, value })))
  return all - BigInt(ends.length)
}

/** The fewest prefixes that make up a range, lowest first. */
function summarize(family: 4 | 6, first: bigint, last: bigint): Cidr[] {
  const parts: Cidr[] = []
  let at = first
  while (at <= last) {
    let bits = WIDTH[family]
    while (bits > 0n) {
      const wider = 1n << (WIDTH[family] - bits + 1n)
      if (at % wider !== 0n || at + wider - 1n > last) break
      bits--
    }
    parts.push({ family, base: at, bits: Number(bits) })
    at += 1n << (WIDTH[family] - bits)
  }
  return parts
}

/** The prefixes of `192.168.1.0/24` or `192.168.1.11-192.168.1.19`, or what is wrong with the text, as ParseCIDR of MetalLB's config words it. */
export function parseRange(text: string): { cidrs: Cidr[] } | { error: string } {
  const quoted = JSON.stringify(text)
  if (!text.includes('-')) {
    const [address, bits, ...rest] = text.split('/')
    const parsed = parseIp(address ?? '')
    if (!parsed || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? '') || BigInt(bits as string) > WIDTH[parsed.family])
      return { error: `invalid CIDR ${quoted}` }
    const host = WIDTH[parsed.family] - BigInt(bits as string)
    return { cidrs: [{ family: parsed.family, base: (parsed.value >> host) << host, bits: Number(bits) }] }
  }
  const dash = text.indexOf('-')
  const [from, to] = [text.slice(0, dash), text.slice(dash + 1)]
  const first = parseIp(from.trim())
  if (!first) return { error: `invalid IP range ${quoted}: invalid start IP ${JSON.stringify(from)}` }
  const last = parseIp(to.trim())
  if (!last) return { error: `invalid IP range ${quoted}: invalid end IP ${JSON.stringify(to)}` }
  if (first.family > last.family || (first.family === last.family && first.value > last.value))
    return {
      error: `invalid IP range ${quoted}: start IP ${JSON.stringify(ipText(first))} is after the end IP ${JSON.stringify(ipText(last))}`,
    }
  return { cidrs: first.family === last.family ? summarize(first.family, first.value, last.value) : [] }
}
