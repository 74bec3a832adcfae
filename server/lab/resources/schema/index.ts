/** The schemas of the built-in kinds: decoding, and what patches and server-side apply must know of each field. Loaded when first used. */
export { arrange, arrangeByLetters } from './arrange.ts'
export { decodeObject, normalize, type Decoded, type Source } from './decode.ts'
export { duplicateFields } from './duplicates.ts'
export { openApiDocument, type DocumentedResource } from './open-api.ts'
export { schemaOf, structOf, type FieldShape, type StructShape, type TypeShape } from './shapes.ts'
