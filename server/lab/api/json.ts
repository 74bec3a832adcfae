/** Objects as JSON text. Stored objects never change, so each is written once however many clients watch it. */

const written = new WeakMap<object, string>()

export function jsonOf(object: object): string {
  if (!Object.isFrozen(object)) return JSON.stringify(object)
  let text = written.get(object)
  if (text === undefined) {
    text = JSON.stringify(object)
    written.set(object, text)
  }
  return text
}

/** Lets go of a text that nobody will ask for again: that of a version which another one has taken the place of. */
export function forgetJson(object: { metadata: object }): void {
  written.delete(object)
  written.delete(object.metadata)
}
