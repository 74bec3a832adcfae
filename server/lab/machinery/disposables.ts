import type { Disposable } from '../store/store.ts'

/** Many disposables as one, disposed in reverse order. */
export function disposeAll(parts: Iterable<Disposable>): Disposable {
  const list = [...parts]
  return {
    dispose() {
      for (const part of list.splice(0).toReversed()) part.dispose()
    },
  }
}
