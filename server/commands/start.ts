/** `npm start`: the finished talk. `npm run dev`: the same with Slidev's dev server for the pages. */
import { spawn } from 'node:child_process'
import { startApp, type App } from '../app.ts'
import { buildDeck, DIST, isBuilt } from '../build-deck.ts'
import { openReal } from '../cluster/real.ts'
import type { Config } from '../config.ts'
import { isLoopback } from '../http/gate.ts'
import { checkPort } from '../http/server.ts'
import { resolveKubectl } from '../kubectl.ts'
import { createLabs, type Labs } from '../labs.ts'
import { messageOf } from '../problem.ts'
import { readDeck } from '../read-deck.ts'
import { confirmWrites, writesWords } from './confirm.ts'
import { progress, say } from './console.ts'
import { onEnd } from './lifecycle.ts'

/** The lab that the talk begins with: it is up before anybody asks. */
const FIRST_LAB = 'talk'

/** Opens the browser, where there is one to open; a machine without is no reason to fail. */
function openBrowser(url: string): void {
  const [command, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url.replaceAll('&', '^&')]]
        : ['xdg-open', [url]]
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.on('error', () => say.info('no browser could be opened: open the URL yourself'))
  child.unref()
}

/** Labs on the cluster that the configuration names, asked about where that is necessary. */
export async function openLabs(config: Config): Promise<Labs> {
  await checkPort(config.host, config.port)
  const [manifest, kubectl] = await Promise.all([readDeck(), resolveKubectl({ progress: (message) => say.start(message) })])
  const real = config.kubeconfig === null ? null : await openReal({ kubeconfig: config.kubeconfig, context: config.context, manifest })
  if (real) {
    onEnd(() => real.dispose())
    await confirmWrites(writesWords(real, config.pool, manifest.plan.pool), config.yes)
  }
  const labs = createLabs({ manifest, config, kubectl, real })
  onEnd(() => labs.dispose())
  return labs
}

/** Starts the first lab; a lab that does not come up is told, and the deck is served all the same with its recordings. */
async function startFirstLab(labs: Labs): Promise<string | null> {
  const session = labs.session(FIRST_LAB)
  if (!session) return null
  try {
    await session.start()
    return session.kubeconfig
  } catch (error) {
    say.error(`the lab ${FIRST_LAB} is not there, its slides show their recordings: ${messageOf(error)}`)
    return null
  }
}

/** Serves, starts the first lab, prints where to look. */
export async function serve(config: Config, labs: Labs, dev: string | null): Promise<App> {
  if (!isLoopback(config.host)) {
    say.warn(
      `${config.host} is reachable from other machines: whoever has a URL with its token gets in, and the presenter's types into a shell here`,
    )
  }
  const app = await startApp({ labs, host: config.host, port: config.port, folder: DIST, dev, warn: (message) => say.warn(message) })
  onEnd(() => app.dispose())
  return app
}

/** Says that everything is there. */
export async function announce(config: Config, app: App): Promise<void> {
  const kubeconfig = await startFirstLab(app.labs)
  say.box(`deck       ${app.urls.deck}\npresenter  ${app.urls.presenter}\nwatch only ${app.urls.viewer}`)
  say.info('Ctrl-C ends the talk and everything that it started')
  if (config.json) {
    const { deck, presenter } = app.urls
    process.stdout.write(JSON.stringify({ deck, presenter, kubeconfig, pid: process.pid }) + '\n')
  }
  if (config.open) openBrowser(app.urls.presenter)
}

export async function start(config: Config): Promise<void> {
  const labs = await openLabs(config)
  if (!(await isBuilt())) await progress('building the deck', () => buildDeck())
  const app = await serve(config, labs, null)
  await announce(config, app)
}
