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
