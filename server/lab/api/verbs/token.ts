/** serviceaccounts/token (pkg/registry/core/serviceaccount/storage/token.go). */
import { DEFAULT_AUDIENCE, serviceAccountToken } from '../../machinery/service-account-token.ts'
import type { KubeObject } from '../../resources/definition.ts'
import { conflict, invalid, notFound } from '../../store/api-error.ts'
import { isObject } from '../../store/objects.ts'
import { timestamp } from '../../store/rules.ts'
import { clientTime } from '../time/client-time.ts'
import { sendJson, type Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { writeOptions } from '../write-options.ts'

const SHORTEST = 600
const BOUND: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }

export async function requestToken(exchange: Exchange, target: Target, body: Record<string, unknown>, account: KubeObject): Promise<void> {
  const { clock } = exchange.lab
  writeOptions(exchange.query, exchange.request.headers['user-agent'], 'CreateOptions')
  const spec = isObject(body.spec) ? body.spec : {}
  const lasts = Number(spec.expirationSeconds ?? 3600)
  if (lasts < SHORTEST) {
    const detail = 'may not specify a duration less than 10 minutes'
    const error = { type: 'Invalid', field: 'spec.expirationSeconds', value: lasts, detail } as const
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [error])
  }
  const audiences = Array.isArray(spec.audiences) && spec.audiences.length > 0 ? (spec.audiences as string[]) : [DEFAULT_AUDIENCE]
  const bound = isObject(spec.boundObjectRef) ? boundObject(exchange, target, spec.boundObjectRef) : undefined
  // a token is for the client's clock
  const now = Math.floor(clock.now() / 1000) + clientTime(exchange).shift()
  const token = serviceAccountToken(account, now, { audiences, lasts, ...(bound ? { bound } : {}) })
  const { name, namespace, uid } = account.metadata
  sendJson(exchange, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid, creationTimestamp: timestamp(now * 1000) },
    spec: { audiences, expirationSeconds: lasts, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: timestamp((now + lasts) * 1000) },
  })
}

function boundObject(
  { lab: { store } }: Exchange,
  { namespace }: Target,
  reference: Record<string, unknown>,
): { kind: string; name: string; uid: string } {
  const kind = String(reference.kind ?? '')
  const name = String(reference.name ?? '')
  const plural = BOUND[kind]
  if (plural === undefined) {
    const detail = `cannot bind token for serviceaccount to object of type ${String(reference.apiVersion ?? '')}, Kind=${kind}`
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
      { type: 'Invalid', field: 'spec.boundObjectRef', value: reference, detail },
    ])
  }
  const object = store.get(plural, plural === 'nodes' ? null : namespace, name)
  if (!object) throw notFound({ group: '', plural }, name)
  const { uid } = object.metadata
  if (reference.uid && reference.uid !== uid) {
    throw conflict(
      { group: '', plural },
      name,
      `the UID in the bound object reference (${String(reference.uid)}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  return { kind, name, uid }
}
