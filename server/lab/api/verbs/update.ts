/** update (PUT). */
import type { KubeObject } from '../../resources/definition.ts'
import { badRequest, invalid, notFound } from '../../store/api-error.ts'
import type { UpdateOptions } from '../../store/store.ts'
import { admit } from '../admit.ts'
import { decodeBody } from '../body.ts'
import { isCustom } from '../custom/definition.ts'
import { readBody, sendJson, type Exchange } from '../exchange.ts'
import { checkBody } from '../strict.ts'
import { asServed, type Target } from '../target.ts'
import { clientTime } from '../time/client-time.ts'
import { writeOptions, type WriteOptions } from '../write-options.ts'
import { checkKind, checkObjectNamespace, storeNew } from './create.ts'
import { objectText } from './read.ts'

const OF_THE_STORE = ['status', 'finalize', 'ephemeralcontainers', 'approval'] as const

/** The subresource of a path as the store knows it. */
export function storeSubresource({ subresource }: Target): UpdateOptions['subresource'] {
  return OF_THE_STORE.find((each) => each === subresource)
}

/** Stores a changed object after admission, with the kind's warnings. */
export function storeUpdate(
  exchange: Exchange,
  target: Target,
  object: KubeObject,
  old: KubeObject,
  options: WriteOptions,
  managedFields?: unknown[],
  managedAs?: string,
): KubeObject {
  const { store } = exchange.lab
  // who scales an object writes its Scale, which no rule about the object itself is about
  if (target.subresource === null && managedAs === undefined) admit(exchange, target, 'UPDATE', object, old, options.dryRun)
  const subresource = storeSubresource(target)
  const updated = store.update(target.resource, object, {
    ...(subresource ? { subresource } : {}),
    ...(managedFields ? { managedFields } : {}),
    ...(managedAs ? { managedAs } : {}),
    fieldManager: options.fieldManager,
    dryRun: options.dryRun,
  })
  exchange.warnings.push(...(target.definition.strategy.warnings?.(updated, old, store.context()) ?? []))
  return updated
}

/** Kinds that a PUT makes where there is none (AllowCreateOnUpdate of each strategy). */
const MADE_BY_UPDATE = new Set([
  'runtimeclasses.node.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'roles.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'leases.coordination.k8s.io',
  'limitranges',
  'events',
  'services',
  'endpoints',
])

/** Kinds whose updates have to say what they are an update of (AllowUnconditionalUpdate of each strategy). */
const CONDITIONAL = new Set([
  'leases.coordination.k8s.io',
  'poddisruptionbudgets.policy',
  'runtimeclasses.node.k8s.io',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csistoragecapacities.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'validatingwebhookconfigurations.admissionregistration.k8s.io',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io',
  'validatingadmissionpolicies.admissionregistration.k8s.io',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io',
  'mutatingadmissionpolicies.admissionregistration.k8s.io',
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
])

/** As the registry's store.go: a resourceVersion is asked for before the object is looked at, but after its uid. */
function checkVersion({ definition, resource }: Target, { metadata }: KubeObject, old: KubeObject): void {
  if (metadata.resourceVersion || (metadata.uid && metadata.uid !== old.metadata.uid)) return
  if (!isCustom(definition) && !CONDITIONAL.has(resource)) return
  const { group, plural } = definition
  throw invalid({ group, kind: plural }, old.metadata.name, [
    { type: 'Invalid', field: 'metadata.resourceVersion', value: 0, detail: 'must be specified for an update' },
  ])
}

export async function updateObject(exchange: Exchange, target: Target): Promise<void> {
  const { lab, request, query } = exchange
  const options = writeOptions(query, request.headers['user-agent'], 'UpdateOptions')
  const { object: body, text } = await decodeBody(await readBody(request), request.headers['content-type'], target.definition.kind, {
    apiVersion: target.apiVersion,
    kind: target.definition.kind,
  })
  const object = checkKind(exchange, target, body)
  checkBody(exchange, target, object, text, options.fieldValidation)
  checkObjectNamespace(target, object)
  const name = target.name as string
  if (!object.metadata.name) {
    throw badRequest(`the name of the object (${object.metadata.name ?? ''} based on URL) was undeterminable: name must be provided`)
  }
  if (object.metadata.name !== name) {
    throw badRequest(`the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`)
  }
  const old = lab.store.get(target.resource, target.namespace, name)
  if (!old) {
    if (!MADE_BY_UPDATE.has(target.resource)) throw notFound(target.definition, name)
    return storeNew(exchange, target, clientTime(exchange).take(object, target.definition, null), options)
  }
  checkVersion(target, object, old)
  const times = clientTime(exchange)
  const current = asServed(target, old)
  const taken = times.take(object, target.definition, current)
  const updated = storeUpdate(exchange, target, target.toStored(taken), old, options)
  sendJson(exchange, 200, objectText(exchange, target, updated, options.dryRun ? times.toldShift(current) : undefined))
}
