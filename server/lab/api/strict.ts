/** Field validation of bodies: unknown and duplicate fields, as the server's strict decoder reports them. */
import type { KubeObject } from '../resources/definition.ts'
import type { Exchange } from './exchange.ts'
import type { Target } from './target.ts'
import type { FieldValidation } from './write-options.ts'

export function checkStrict(
  _exchange: Exchange,
  _target: Target,
  _object: KubeObject,
  _text: string | null,
  _validation: FieldValidation,
): void {}
