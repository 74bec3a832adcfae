import { describe, expect, it } from 'vitest'
import { encodeSwagger } from '../../../../../server/lab/api/openapi/encode-swagger.ts'
import { swaggerOf, type OpenApiV3, type Schema } from '../../../../../server/lab/api/openapi/swagger.ts'
import { openApiDocument } from '../../../../../server/lab/resources/schema/index.ts'
import { builtinResources } from '../../../../../server/lab/resources/index.ts'
import { year2021 } from '../../../../../server/lab/presets/year-2021.ts'

function documentOf(schemas: Record<string, Schema>): OpenApiV3 {
  return { paths: {}, components: { schemas } }
}

function schemaV2(schema: Schema): Schema | undefined {
  return swaggerOf([documentOf({ it: schema })], 'v1.20.1').definitions['it']
}

describe('the OpenAPI v2 document', () => {
  it('refers to definitions, with the description beside the reference and no default', () => {
    const allOf = [{ $ref: '#/components/schemas/io.k8s.api.core.v1.PodSpec' }]
    expect(schemaV2({ description: 'What is wanted.', default: {}, allOf })).toEqual({
      $ref: '#/definitions/io.k8s.api.core.v1.PodSpec',
      description: 'What is wanted.',
    })
  })

  it('has a string where the value may be a string or a number', () => {
    expect(schemaV2({ format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] })).toEqual({
      type: 'string',
      format: 'int-or-string',
    })
  })

  it('leaves open what may be null or hold anything, since kubectl cannot read it otherwise', () => {
    expect(schemaV2({ type: 'string', nullable: true })).toEqual({})
    expect(schemaV2({ type: 'object', properties: { a: {} }, 'x-kubernetes-preserve-unknown-fields': true })).toEqual({
      'x-kubernetes-preserve-unknown-fields': true,
    })
  })

  it('names every group version of a type that is the shape of several', () => {
    const kind = (version: string): Schema => ({ type: 'object', 'x-kubernetes-group-version-kind': [{ group: 'g', version, kind: 'K' }] })
    const { definitions } = swaggerOf(
      [documentOf({ k: kind('v1') }), documentOf({ k: kind('v1beta1') }), documentOf({ k: kind('v1') })],
      'v1',
    )
    expect(definitions['k']?.['x-kubernetes-group-version-kind']).toEqual([
      { group: 'g', version: 'v1', kind: 'K' },
      { group: 'g', version: 'v1beta1', kind: 'K' },
    ])
  })

  it('tells for every kind which parameters its patch takes', () => {
    const pods = builtinResources(year2021.settings).filter(({ plural, group }) => plural === 'pods' && group === '')
    const v3 = openApiDocument(
      '',
      'v1',
      pods.map((definition) => ({ definition })),
      20,
    ) as OpenApiV3
    const { patch } = swaggerOf([v3], 'v1.20.1').paths['/api/v1/namespaces/{namespace}/pods/{name}'] as { patch: Record<string, unknown> }
    expect(patch['x-kubernetes-group-version-kind']).toEqual({ group: '', version: 'v1', kind: 'Pod' })
    expect(patch['parameters']).toContainEqual({ name: 'dryRun', in: 'query', type: 'string', uniqueItems: true })
  })

  it('is written as an openapi.v2.Document', () => {
    const document = swaggerOf([documentOf({ it: { type: 'string', description: 'A word.' } })], 'v1.20.1')
    // Document: swagger 1, info 2 { title 1, version 2 }, paths 8, definitions 9 { NamedSchema 1 { name 1, value 2 { description 4, type 22 { value 1 } } } }
    const type = [0xb2, 0x01, 8, 0x0a, 6, ...Buffer.from('string')]
    const schema = [0x22, 7, ...Buffer.from('A word.'), ...type]
    const entry = [0x0a, 2, ...Buffer.from('it'), 0x12, schema.length, ...schema]
    const definitions = [0x4a, entry.length + 2, 0x0a, entry.length, ...entry]
    const info = [0x0a, 10, ...Buffer.from('Kubernetes'), 0x12, 7, ...Buffer.from('v1.20.1')]
    expect([...encodeSwagger(document)]).toEqual([0x0a, 3, ...Buffer.from('2.0'), 0x12, info.length, ...info, 0x42, 0, ...definitions])
  })
})
