import { expect, it } from 'vitest'
import { writesWords } from '../../../server/commands/confirm.ts'

const real = {
  identity: { source: 'real', kubernetes: 'v1.35.4', preset: null, context: 'ours' },
  server: 'https://10.0.0.1:6443',
  namespaces: ['default'],
  manifests: 'pool.yaml',
} as const
const deck = { first: '192.168.1.11', last: '192.168.1.19' }

it('names the addresses before anything is written, and says where nobody has chosen them', () => {
  const words = (given: typeof deck | null): string => writesWords({ ...real, namespaces: [...real.namespaces] }, given, deck)
  expect(words({ first: '10.0.5.240', last: '10.0.5.250' })).toContain('addresses  10.0.5.240-10.0.5.250, announced in its network')
  expect(words({ first: '10.0.5.240', last: '10.0.5.250' })).not.toContain('--pool')
  expect(words(null)).toMatch(/192\.168\.1\.11-192\.168\.1\.19.*the deck's own.*--pool/)
})
