/** The built deck on a plain web server: files, and nothing behind them. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import sirv from 'sirv'
import { ROOT } from './start-deck.ts'

export interface StaticSite {
  origin: string
  end(): Promise<void>
}

export async function serveBuild(): Promise<StaticSite> {
  const files = sirv(join(ROOT, 'dist'), { dev: false })
  const server = createServer((request, response) =>
    files(request, response, () => {
      response.statusCode = 404
      response.end()
    }),
  )
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async end() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Lets a page reach its own origin alone. The result collects what it tried to reach otherwise. */
export async function confine(page: Page, origin: string): Promise<string[]> {
  const tried: string[] = []
  await page.context().route('**/*', (route) => {
    const url = route.request().url()
    if (new URL(url).origin === origin) return route.continue()
    tried.push(url)
    return route.abort()
  })
  await page.context().routeWebSocket(/.*/, (socket) => {
    const { origin: at } = new URL(socket.url().replace(/^ws/, 'http'))
    if (at === origin) socket.connectToServer()
    else {
      tried.push(socket.url())
      void socket.close()
    }
  })
  return tried
}
