/** Schemas of kinds, for what the server does by them: strategic merge, strict decoding, server-side apply. */
import type { PatchSchema } from './patch/strategic.ts'

export interface KindSchema {
  root: string | null
  patchField: PatchSchema
}

export function schemaFor(_apiVersion: string, _kind: string): KindSchema {
  return { root: null, patchField: () => undefined }
}
