/** The lab's random numbers: mulberry32, so that a lab with the same seed gives the same names, picks and addresses again. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A random version 4 UUID from the lab's generator. */
export function randomUuid(random: () => number): string {
  let hex = ''
  for (let i = 0; i < 32; i++) hex += i === 12 ? '4' : Math.floor(i === 16 ? 8 + random() * 4 : random() * 16).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
