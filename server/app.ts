/** The running talk: labs, and one server that pages connect to. The only place that joins the parts. */
import { startBridgeServer, type BridgeServer, type BridgeServerOptions } from './http/server.ts'
import type { Page, PageHandler } from './http/sockets.ts'
import type { Labs } from './labs.ts'
import { messageOf } from './problem.ts'
import { PROTOCOL_VERSION, type ClientMessage } from './protocol/messages.ts'
import type { LabAttachment } from './session/lab-session.ts'
import type { RunAnswer } from './session/steps.ts'
import type { Notice } from './protocol/notices.ts'

export interface AppOptions extends Pick<BridgeServerOptions, 'host' | 'port' | 'folder' | 'dev' | 'tokens' | 'limits'> {
  labs: Labs
  /** Told about faults of ours that stopped nothing. */
  warn(message: string): void
}

export interface App {
  server: BridgeServer
  labs: Labs
  /** URLs with their tokens. `deck` and `presenter` may type, `viewer` may watch. */
  urls: { deck: string; presenter: string; viewer: string }
  dispose(): Promise<void>
}

/** What may be done by those alone who may type. */
const TYPING = new Set<ClientMessage['t']>(['run', 'withdraw', 'catch-up', 'input'])

/** Tells a page who it is and what the deck is. A page that hears it again attaches to its labs again. */
const welcome = (page: Page, { manifest }: Labs): void => page.send({ t: 'welcome', protocol: PROTOCOL_VERSION, role: page.role, manifest })

/** Joins a page to the labs: its messages to the sessions, their state to the page. */
function connectPage(page: Page, { labs, warn }: AppOptions): PageHandler {
  const attachments = new Map<string, LabAttachment>()
  const refuse = (lab: string | null, notice: Notice): void => page.send({ t: 'refused', lab, notice })
  const answer = (lab: string, given: RunAnswer): void => {
    if ('refused' in given) return refuse(lab, given.refused)
    // how the step went is told to every page as its state; only what is no verdict is left to say here
    given.accepted
      .then((state) => state.status === 'pending' && state.reason !== null && state.reason.kind !== 'owed' && refuse(lab, state.reason))
      .catch((error: unknown) => warn(`step of ${lab}: ${messageOf(error)}`))
  }
  const resetLabs = async (named: string[]): Promise<void> => {
    const sessions = labs.running().filter(({ lab }) => named.length === 0 || named.includes(lab.id))
    const outcomes = await Promise.allSettled(sessions.map((session) => session.reset()))
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    const notice: Notice | null = failed ? { kind: 'not-reset', why: messageOf(failed.reason) } : null
    page.send({ t: 'labs-reset', labs: sessions.map(({ lab }) => lab.id), notice })
  }
  welcome(page, labs)

  return {
    message(message) {
      if (message.t === 'reset-labs') {
        if (page.role !== 'presenter') return page.send({ t: 'labs-reset', labs: [], notice: { kind: 'watch-only' } })
        return void resetLabs(message.labs)
      }
      const session = labs.session(message.lab)
      if (!session) return refuse(message.lab, { kind: 'no-lab', lab: message.lab })
      if (TYPING.has(message.t) && page.role !== 'presenter') {
        return refuse(message.lab, { kind: 'watch-only' })
      }
      switch (message.t) {
        case 'attach':
          attachments.get(message.lab)?.detach()
          attachments.set(
            message.lab,
            session.attach((what) => page.send(what)),
          )
          return
        case 'detach':
          attachments.get(message.lab)?.detach()
          attachments.delete(message.lab)
          return
        case 'ack':
          return attachments.get(message.lab)?.acknowledge(message.characters)
        case 'input':
          return session.input(message.data)
        case 'run':
          return answer(message.lab, session.run(message.step))
        case 'withdraw':
          return session.withdraw(message.step)
        case 'catch-up':
          return answer(message.lab, session.catchUp(message.step))
      }
    },
    closed() {
      for (const attachment of attachments.values()) attachment.detach()
      attachments.clear()
    },
  }
}

/** Starts serving. Throws a Problem where the port cannot be had. */
export async function startApp(options: AppOptions): Promise<App> {
  const pages = new Set<Page>()
  options.labs.onUpdate(() => pages.forEach((page) => welcome(page, options.labs)))
  const server = await startBridgeServer({
    ...options,
    connect(page) {
      pages.add(page)
      const handler = connectPage(page, options)
      return {
        ...handler,
        closed() {
          pages.delete(page)
          handler.closed()
        },
      }
    },
  })
  const { presenter, viewer } = server.gate.tokens
  // Slidev's dev server goes by the name of localhost, and the token's cookie has to reach both
  const url = options.dev === null ? server.url : server.url.replace('127.0.0.1', 'localhost')
  return {
    server,
    labs: options.labs,
    urls: {
      deck: `${url}/?token=${presenter}`,
      presenter: `${url}/presenter/1?token=${presenter}`,
      viewer: `${url}/?token=${viewer}`,
    },
    async dispose() {
      await Promise.all([server.dispose(), options.labs.dispose()])
    },
  }
}
