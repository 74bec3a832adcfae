/** Accept headers: which form of an answer a client takes. */

export interface AcceptClause {
  type: string
  parameters: Record<string, string>
}

/** The clauses of an Accept header in the client's order. */
export function parseAccept(header: string | undefined): AcceptClause[] {
  return (header ?? '*/*').split(',').map((clause) => {
    const [type = '', ...parameters] = clause.split(';').map((part) => part.trim())
    return {
      type: type.toLowerCase(),
      parameters: Object.fromEntries(
        parameters.map((parameter) => {
          const [key = '', value = ''] = parameter.split('=')
          return [key.trim(), value.trim()]
        }),
      ),
    }
  })
}

/** How objects are to be sent. */
export type ObjectForm =
  | { form: 'object' }
  | { form: 'table'; version: 'v1' | 'v1beta1' }
  /** Metadata alone, as a garbage collector asks for it. */
  | { form: 'metadata'; version: 'v1' | 'v1beta1'; list: boolean }

/**
 * The first clause that the server can serve, or null where there is none (406). JSON is what the server writes; a client that asks for protobuf
 * offers JSON too.
 */
export function negotiateObject(header: string | undefined): ObjectForm | null {
  for (const { type, parameters } of parseAccept(header)) {
    if (type !== 'application/json' && type !== '*/*' && type !== 'application/*') continue
    const { as, g, v } = parameters
    if (!as) return { form: 'object' }
    if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) continue
    if (as === 'Table') return { form: 'table', version: v }
    if (as === 'PartialObjectMetadata') return { form: 'metadata', version: v, list: false }
    if (as === 'PartialObjectMetadataList') return { form: 'metadata', version: v, list: true }
  }
  return null
}
