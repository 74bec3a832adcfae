/** The built deck over HTTP: static files, security headers, the token's way from the URL into the cookie, and typed addresses. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { NO_TOKEN, type Gate, type Refusal } from './gate.ts'

/** Answers a request, or says that it is none of its business. */
export type Pages = (request: IncomingMessage, response: ServerResponse) => void

/** Hashes of the scripts that stand in the page itself, so that the policy can name them instead of allowing any. */
function inlineScripts(folder: string): string[] {
  let html: string
  try {
    html = readFileSync(join(folder, 'index.html'), 'utf8')
  } catch {
    return []
  }
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    (script) => `'sha256-${createHash('sha256').update(script[1]!).digest('base64')}'`,
  )
}

/** What the deck's pages may do: everything from here, nothing from elsewhere, in nobody's frame. Slidev and xterm set styles from scripts. */
function contentSecurityPolicy(folder: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' ${inlineScripts(folder).join(' ')}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const COMMON_HEADERS: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

function refuse(response: ServerResponse, refusal: Refusal | { status: 404 | 405; message: string }): void {
  response.writeHead(refusal.status, { ...COMMON_HEADERS, 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(refusal.message + '\n')
}

/** A slide's number or a page of Slidev's, typed as a path: the deck routes by hash. */
const TYPED = /^\/(\d+|presenter(\/\d+)?|overview|notes|entry|export)\/?$/

/**
 * Where a request for a page has to go instead: without the token, or by hash. Null where it stays. The browser carries a fragment over by itself.
 */
function redirectOf(url: URL, dev: string | null): string | null {
  const hadToken = url.searchParams.has('token')
  const query = new URLSearchParams(url.searchParams)
  query.delete('token')
  const search = query.size > 0 ? `?${query}` : ''
  const typed = TYPED.exec(url.pathname)
  const place = typed ? `/${search}#${url.pathname.replace(/\/$/, '')}` : url.pathname + search
  if (dev !== null) return dev + place
  return typed || hadToken ? place : null
}

export interface PagesOptions {
  gate: Gate
  /** The built deck. */
  folder: string
  /** URL of Slidev's dev server, where the pages come from there. */
  dev: string | null
}

export function createPages({ gate, folder, dev }: PagesOptions): Pages {
  const files = dev === null ? sirv(folder, { etag: true, dotfiles: false }) : null
  const headers = { ...COMMON_HEADERS, 'Content-Security-Policy': contentSecurityPolicy(folder) }
  return (request, response) => {
    const refusal = gate.checkOrigin(request)
    if (refusal) return refuse(response, refusal)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, { status: 405, message: 'only GET and HEAD: everything else goes over the WebSocket' })
    }
    // a second slash at the start would make the path a host
    const path = (request.url ?? '/').replace(/^\/+/, '/')
    if (!URL.canParse(path, 'http://bridge')) return refuse(response, { status: 404, message: 'no such page' })
    const url = new URL(path, 'http://bridge')
    const token = url.searchParams.get('token')
    const role = token === null ? gate.roleOf(request) : gate.roleOfToken(token)
    if (role === null) return refuse(response, NO_TOKEN)
    const redirect = redirectOf(url, dev)
    if (redirect !== null) {
      const cookie = `${gate.cookieName}=${gate.tokens[role]}; Path=/; HttpOnly; SameSite=Strict`
      response.writeHead(303, {
        ...COMMON_HEADERS,
        Location: redirect,
        'Cache-Control': 'no-store',
        ...(token && { 'Set-Cookie': cookie }),
      })
      response.end()
      return
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    // file names with a hash in them may be kept, the page itself may not
    response.setHeader('Cache-Control', url.pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache')
    request.url = path
    files!(request, response, () => refuse(response, { status: 404, message: 'no such page' }))
  }
}
