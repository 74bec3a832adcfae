import type { ClusterSettings, KubeObject, ResourceDefinition } from '../definition.ts'
import { column, NAME, wide, type ColumnSpec } from '../kit/columns.ts'
import { defineResource } from '../define.ts'
import { validateEvent } from './events-validate.ts'
import { since } from '../kit/duration.ts'
import { minorVersion } from '../kit/version.ts'

/** The fields of an event in either dress: core/v1 or events.k8s.io/v1. */
function fields(event: KubeObject) {
  return {
    about: event['involvedObject'] ?? event['regarding'] ?? {},
    first: event['firstTimestamp'] ?? event['deprecatedFirstTimestamp'] ?? event['eventTime'],
    last: event['lastTimestamp'] ?? event['deprecatedLastTimestamp'],
    count: event['count'] ?? event['deprecatedCount'] ?? 0,
    source: event['source'] ?? event['deprecatedSource'] ?? {},
    message: event['message'] ?? event['note'] ?? '',
  }
}

function lastSeen(event: KubeObject, now: number): string {
  const { first, last } = fields(event)
  return since(event['series']?.lastObservedTime ?? last ?? first, now)
}

function source(event: KubeObject): string {
  const { source: from } = fields(event)
  const component = from.component || event['reportingComponent'] || event['reportingController'] || ''
  const instance = from.host || event['reportingInstance'] || ''
  return instance === '' ? component : `${component}, ${instance}`
}

function target(event: KubeObject): string {
  const { about } = fields(event)
  const kind = String(about.kind ?? '').toLowerCase()
  return about.name ? `${kind}/${about.name}` : kind
}

const eventColumns: ColumnSpec[] = [
  column('Last Seen', (event, { now }) => lastSeen(event, now)),
  column('Type', (event) => event['type'] ?? ''),
  column('Reason', (event) => event['reason'] ?? ''),
  column('Object', target),
  wide('Subobject', (event) => fields(event).about.fieldPath ?? ''),
  wide('Source', source),
  column('Message', (event) => fields(event).message.trim()),
  wide('First Seen', (event, { now }) => since(fields(event).first, now)),
  wide('Count', (event) => event['series']?.count ?? (fields(event).count || 1)),
  { ...NAME, priority: 1 },
]

function selectable(event: KubeObject): Record<string, string> {
  const { about } = fields(event)
  const of = (key: string): string => about[key] ?? ''
  return {
    'involvedObject.kind': of('kind'),
    'involvedObject.namespace': of('namespace'),
    'involvedObject.name': of('name'),
    'involvedObject.uid': of('uid'),
    'involvedObject.apiVersion': of('apiVersion'),
    'involvedObject.resourceVersion': of('resourceVersion'),
    'involvedObject.fieldPath': of('fieldPath'),
    reason: event['reason'] ?? '',
    reportingComponent: event['reportingComponent'] ?? event['reportingController'] ?? '',
    source: fields(event).source.component || event['reportingComponent'] || event['reportingController'] || '',
    type: event['type'] ?? '',
  }
}

const COMMON = {
  kind: 'Event',
  shortNames: ['ev'],
  columns: { all: eventColumns },
  selectableFields: selectable,
  strategy: { validate: validateEvent },
}

export function events(): ResourceDefinition {
  return defineResource(COMMON)
}

/** The same events as the group events.k8s.io shows them. */
export function groupedEvents(settings: ClusterSettings): ResourceDefinition {
  return defineResource({
    ...COMMON,
    group: 'events.k8s.io',
    keptAs: { resource: 'events', toStored: fromGrouped, fromStored: toGrouped },
    ...(minorVersion(settings) < 25 ? { alsoServedAs: [{ version: 'v1beta1' }] } : {}),
  })
}

/** Fields of the core group's events, and what they are called in events.k8s.io. */
const RENAMED = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
} as const

function rename(event: KubeObject, apiVersion: string, pairs: readonly (readonly [string, string])[]): KubeObject {
  const renamed = new Map(pairs)
  const result = Object.fromEntries(Object.entries(event).map(([key, value]) => [renamed.get(key) ?? key, value])) as KubeObject
  return { ...result, apiVersion }
}

function toGrouped(event: KubeObject): KubeObject {
  return rename(event, 'events.k8s.io/v1', Object.entries(RENAMED))
}

function fromGrouped(event: KubeObject): KubeObject {
  return rename(
    event,
    'v1',
    Object.entries(RENAMED).map(([core, grouped]) => [grouped, core] as const),
  )
}
