/** Server-side apply. */
import { ApiError } from '../../store/api-error.ts'
import type { Exchange } from '../exchange.ts'
import type { Target } from '../target.ts'
import type { WriteOptions } from '../write-options.ts'

export async function applyObject(
  _exchange: Exchange,
  _target: Target,
  _applied: Record<string, unknown>,
  _options: WriteOptions,
): Promise<void> {
  throw new ApiError(415, 'UnsupportedMediaType', 'server-side apply is not there yet')
}
