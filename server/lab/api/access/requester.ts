/** Kinds that keep who asked for them: the server writes that down, whatever the client says (csrStrategy of registry/certificates). */
import type { KubeObject } from '../../resources/definition.ts'
import type { Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import { requesterOf } from './user.ts'

const KEEPING = ['certificatesigningrequests.certificates.k8s.io']

/** Before a new object is admitted. */
export function noteRequester({ lab, request }: Exchange, target: Target, object: KubeObject): void {
  if (!KEEPING.includes(target.resource)) return
  const { username, uid, groups, extra } = requesterOf(lab, request.headers, request.rawHeaders).user
  const { username: _1, uid: _2, groups: _3, extra: _4, ...spec } = object['spec'] ?? {}
  object['spec'] = { ...spec, username, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) }
}
