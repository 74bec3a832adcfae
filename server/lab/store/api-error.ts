/** The one error type of the lab: what an API server answers instead of an object, a Kubernetes Status with the server's own words. */
import { type FieldError, resourceName } from '../resources/definition.ts'
import { CAUSE_REASON, errorBody, errorsText } from '../resources/kit/field-errors.ts'

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

export class ApiError extends Error {
  readonly code: number
  readonly reason: string
  readonly details: StatusDetails | undefined
  /** The Status' own metadata: how a list that has expired can go on. */
  readonly metadata: object

  constructor(code: number, reason: string, message: string, details?: StatusDetails, metadata: object = {}) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.reason = reason
    this.details = details
    this.metadata = metadata
  }

  /** The body that a client gets. */
  status(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.metadata,
      status: 'Failure',
      message: this.message,
      ...(this.reason ? { reason: this.reason } : {}),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    }
  }
}

export interface ResourceReference {
  group: string
  /** The plural: `deployments`. */
  plural: string
}

function detailsOf(resource: ResourceReference, name: string): StatusDetails {
  return { name, ...(resource.group ? { group: resource.group } : {}), kind: resource.plural }
}

export function notFound(resource: ResourceReference, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resourceName(resource)} "${name}" not found`, detailsOf(resource, name))
}

/** `going`: what exists is being deleted (Create of apiserver's registry/generic). */
export function alreadyExists(resource: ResourceReference, name: string, going = false): ApiError {
  const message = `${going ? 'object is being deleted: ' : ''}${resourceName(resource)} "${name}" already exists`
  return new ApiError(409, 'AlreadyExists', message, detailsOf(resource, name))
}

const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function conflict(resource: ResourceReference, name: string, why = MODIFIED): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  )
}

export function forbidden(resource: ResourceReference, name: string, why: string, causes?: StatusCause[]): ApiError {
  const message =
    name === '' ? `${resourceName(resource)} is forbidden: ${why}` : `${resourceName(resource)} "${name}" is forbidden: ${why}`
  return new ApiError(403, 'Forbidden', message, { ...detailsOf(resource, name), ...(causes ? { causes } : {}) })
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

/** A watch or a continue token from before what the server still knows. */
export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

/** What a route that is not there for a method gets (NewGenericServerResponse of apimachinery's errors.go). */
export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** `The Deployment "x" is invalid: spec.replicas: Invalid value: -1: must be ...`: one error plain, several in brackets. */
export function invalid(kind: { group: string; kind: string }, name: string, errors: FieldError[]): ApiError {
  return new ApiError(422, 'Invalid', `${kind.kind}${kind.group ? `.${kind.group}` : ''} "${name}" is invalid: ${errorsText(errors)}`, {
    name,
    ...(kind.group ? { group: kind.group } : {}),
    kind: kind.kind,
    causes: errors.map((error) => ({ reason: CAUSE_REASON[error.type], message: errorBody(error), field: error.field })),
  })
}
