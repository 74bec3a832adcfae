/**
 * In JavaScript an object's member `__proto__` is no member: writing it changes the object itself. Kubernetes has keys of any name, so the lab's process does
 * without that (as `node --disable-proto=delete` does): Object.getPrototypeOf is there for those who mean it.
 */
delete (Object.prototype as { __proto__?: unknown }).__proto__
