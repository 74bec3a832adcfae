/**
 * Who may come in. Every request and every upgrade passes three checks: Host (against DNS rebinding), Origin (against other sites in the same browser) and
 * token (against other users of the machine). The token comes once in the URL that `npm start` prints and lives in a cookie from then on. Two tokens, two
 * roles: `presenter` may type, `viewer` may watch.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { hostname, networkInterfaces } from 'node:os'
import type { Role } from '../protocol/messages.ts'

/** Why a request is turned away: an HTTP status and one line. */
export interface Refusal {
  status: 400 | 403 | 421 | 429 | 503
  message: string
}

export interface Gate {
  /** The tokens of the two roles, fresh in every run. */
  tokens: Record<Role, string>
  /** The cookie's name. It has the port in it, since browsers share cookies between ports. */
  cookieName: string
  /** Null where Host and Origin are as they have to be. */
  checkOrigin(request: IncomingMessage): Refusal | null
  /** The role that a token gives, or null. */
  roleOfToken(token: string | null): Role | null
  /** The role of whoever sent this request's cookie, or null. */
  roleOf(request: IncomingMessage): Role | null
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

function bracketed(address: string): string {
  return address.includes(':') ? `[${address.split('%')[0]}]` : address
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** The names under which a server that listens on `host` may be addressed. */
export function hostNames(host: string): string[] {
  if (isLoopback(host)) return LOOPBACK
  if (host !== '0.0.0.0' && host !== '::') return [bracketed(host), ...LOOPBACK]
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => bracketed(entry.address)))
  return [...new Set([...LOOPBACK, hostname(), ...addresses])]
}

function same(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name) return value ?? ''
  }
  return null
}

/** `origins`: pages from elsewhere that may open a socket: Slidev's dev server. */
export function createGate(host: string, port: number, origins: string[] = [], tokens?: Record<Role, string>): Gate {
  const hosts = new Set(hostNames(host).map((name) => `${name}:${port}`.toLowerCase()))
  // browsers leave out the port that belongs to the scheme
  if (port === 80) for (const name of hostNames(host)) hosts.add(name.toLowerCase())
  const allowed = new Set([...[...hosts].map((name) => `http://${name}`), ...origins])
  const secret = tokens ?? { presenter: randomBytes(18).toString('base64url'), viewer: randomBytes(18).toString('base64url') }
  const cookieName = `lab-token-${port}`
  const roleOfToken = (token: string | null): Role | null => {
    if (token === null) return null
    if (same(token, secret.presenter)) return 'presenter'
    return same(token, secret.viewer) ? 'viewer' : null
  }
  return {
    tokens: secret,
    cookieName,
    roleOfToken,
    roleOf: (request) => roleOfToken(cookieOf(request, cookieName)),
    checkOrigin(request) {
      const given = request.headers.host?.toLowerCase()
      if (given === undefined || !hosts.has(given)) {
        const message = `this server does not answer for the host ${JSON.stringify(given ?? '')}: use the URL that npm start printed`
        return { status: 421, message }
      }
      const { origin } = request.headers
      if (origin !== undefined && !allowed.has(origin.toLowerCase())) {
        return { status: 403, message: `pages of ${JSON.stringify(origin)} may not use this server: open the URL that npm start printed` }
      }
      return null
    },
  }
}

export const NO_TOKEN: Refusal = {
  status: 403,
  message: 'no valid token: open the whole URL that npm start printed, with its ?token=... (a token is good for one run)',
}
