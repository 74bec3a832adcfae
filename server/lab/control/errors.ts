/** An error that the one who asked can do something about: what, where, and what to do next. */
export class ControlError extends Error {
  readonly status: 400 | 404 | 409

  constructor(status: 400 | 404 | 409, message: string) {
    super(message)
    this.name = 'ControlError'
    this.status = status
  }
}

export function badRequest(message: string): ControlError {
  return new ControlError(400, message)
}

/** A body's fields, or an error where it is no object. */
export function fieldsOf(body: unknown, expected: string): Record<string, unknown> {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) throw badRequest(`expected a body like ${expected}`)
  return body as Record<string, unknown>
}
