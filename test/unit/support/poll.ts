/** Waits for a condition, as a reader of a screen does: looks again until it is so. Never a fixed time. */
export async function poll<T>(look: () => T | Promise<T>, what = 'the condition', within = 10_000): Promise<NonNullable<T>> {
  const until = performance.now() + within
  for (;;) {
    const found = await look()
    if (found) return found as NonNullable<T>
    if (performance.now() > until) throw new Error(`${what} did not come true within ${within} ms`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
