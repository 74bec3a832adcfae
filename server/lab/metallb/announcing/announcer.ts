/** Answering ARP for services' addresses, and telling the LAN of it: internal/layer2/announcer.go. */
import type { Clock, Timer } from '../../clock.ts'
import type { HostLan } from '../../contracts/network.ts'

/** Between two gratuitous ARPs, and how long after the last reason for them they go on, ms. */
const SPAM_INTERVAL = 1_100
const SPAM_FOR = 5_000

export class Announcer {
  /** Service key to its address. */
  private readonly ips = new Map<string, string>()
  private readonly spamUntil = new Map<string, number>()
  private ticker: Timer | null = null
  private readonly clock: Clock
  private readonly lan: HostLan

  constructor(clock: Clock, lan: HostLan) {
    this.clock = clock
    this.lan = lan
  }

  announces(key: string): boolean {
    return this.ips.has(key)
  }

  set(key: string, ip: string): void {
    this.ips.set(key, ip)
    this.lan.announce(ip)
    this.spam(ip)
  }

  delete(key: string): void {
    const ip = this.ips.get(key)
    if (ip === undefined) return
    this.ips.delete(key)
    if (![...this.ips.values()].includes(ip)) this.lan.withdraw(ip)
  }

  dispose(): void {
    this.ticker?.cancel()
    for (const key of this.ips.keys()) this.delete(key)
  }

  /** Once at once, then at every tick, until five seconds after the last call; a second call for the same address within them adds no extra one. */
  private spam(ip: string): void {
    if (this.spamUntil.size === 0) {
      this.ticker?.cancel()
      this.ticker = this.clock.every(SPAM_INTERVAL, () => this.tick())
    }
    const known = this.spamUntil.has(ip)
    this.spamUntil.set(ip, this.clock.now() + SPAM_FOR)
    if (!known) this.gratuitous(ip)
  }

  private tick(): void {
    for (const [ip, until] of this.spamUntil) {
      if (this.clock.now() > until) this.spamUntil.delete(ip)
      else this.gratuitous(ip)
    }
    if (this.spamUntil.size === 0) this.ticker?.cancel()
  }

  private gratuitous(ip: string): void {
    if ([...this.ips.values()].includes(ip)) this.lan.gratuitousArp(ip)
  }
}
