/** The Table form of objects: what `kubectl get` prints. As in apiserver's handlers/response.go and the printers of each kind. */
import type { Column, KubeObject, ResourceDefinition } from '../resources/definition.ts'
import type { ObjectWriter } from './time/client-time.ts'

/** Which form of the object goes with a row: `includeObject` of the request. */
export type IncludeObject = 'Metadata' | 'Object' | 'None'

export interface TableOptions {
  version: 'v1' | 'v1beta1'
  include: IncludeObject
  now: number
  /** Writes the objects that go with the rows. */
  writer: ObjectWriter
  /** Watches send the columns with their first event only. */
  withoutColumns?: boolean
}

function columnJson({ name, type, format, description, priority }: Column): object {
  const isDate = type === 'date'
  return { name, type: isDate ? 'string' : type, format: name === 'Name' ? 'name' : (format ?? ''), description, priority }
}

function rowJson(columns: Column[], object: KubeObject, { include, now, version, writer }: TableOptions): string {
  const cells = JSON.stringify(columns.map((column) => column.cell(object, { now })))
  const attached =
    include === 'None'
      ? 'null'
      : include === 'Object'
        ? writer.object(object)
        : `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${writer.metadata(object)}}`
  return `{"cells":${cells},"object":${attached}}`
}

/** A Table as JSON text. `metadata` is the list's (resourceVersion, continue, remainingItemCount). */
export function tableJson(definition: ResourceDefinition, objects: readonly KubeObject[], metadata: object, options: TableOptions): string {
  const columns = definition.columns
  const head = `"kind":"Table","apiVersion":"meta.k8s.io/${options.version}","metadata":${JSON.stringify(metadata)}`
  const definitions = options.withoutColumns ? 'null' : JSON.stringify(columns.map(columnJson))
  return `{${head},"columnDefinitions":${definitions},"rows":[${objects.map((object) => rowJson(columns, object, options)).join(',')}]}`
}
