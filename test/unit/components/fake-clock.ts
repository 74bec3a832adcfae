import type { PlayerClock } from '../../../components/lab/player.ts'

/** A clock that stands still until it is moved; what falls due runs in order. */
export class FakeClock implements PlayerClock {
  private time = 0
  private waiting: { at: number; run: () => void }[] = []

  now(): number {
    return this.time
  }

  after(milliseconds: number, run: () => void): () => void {
    const entry = { at: this.time + milliseconds, run }
    this.waiting.push(entry)
    return () => {
      this.waiting = this.waiting.filter((other) => other !== entry)
    }
  }

  forward(milliseconds: number): void {
    const until = this.time + milliseconds
    for (;;) {
      const next = this.waiting.toSorted((one, other) => one.at - other.at)[0]
      if (!next || next.at > until) break
      this.waiting = this.waiting.filter((other) => other !== next)
      this.time = next.at
      next.run()
    }
    this.time = until
  }

  get pending(): number {
    return this.waiting.length
  }
}
