import { describe, expect, test } from 'vitest'
import { builtinResources } from '../../../../server/lab/resources/index.ts'
import {
  decodeObject,
  duplicateFields,
  openApiDocument,
  schemaOf,
  structOf,
  type StructShape,
} from '../../../../server/lab/resources/schema/index.ts'
import { settings } from './context.ts'

const pod = schemaOf('', 'v1', 'Pod') as StructShape
const deployment = schemaOf('apps', 'v1', 'Deployment') as StructShape
const withContainer = (container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p' },
  spec: { containers: [{ name: 'c', ...container }] },
})
const withSpec = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec })

describe('values that do not fit are refused in the words of encoding/json', () => {
  const at = 'json: cannot unmarshal'
  const quantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  test.each<[object, string]>([
    [
      withContainer({ ports: [{ containerPort: '80' }] }),
      `${at} string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    [
      withContainer({ ports: [{ containerPort: 80.5 }] }),
      `${at} number 80.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32`,
    ],
    [
      withContainer({ ports: [{ protocol: 3 }] }),
      `${at} number into Go struct field ContainerPort.spec.containers.ports.protocol of type v1.Protocol`,
    ],
    [withContainer({ ports: 'x' }), `${at} string into Go struct field Container.spec.containers.ports of type []v1.ContainerPort`],
    [withContainer({ args: [1] }), `${at} number into Go struct field Container.spec.containers.args of type string`],
    [
      withContainer({ env: [{ name: 'a', value: true }] }),
      `${at} bool into Go struct field EnvVar.spec.containers.env.value of type string`,
    ],
    [
      withContainer({ resources: { limits: 'x' } }),
      `${at} string into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList`,
    ],
    [withContainer({ resources: { limits: { cpu: 'abc' } } }), quantity],
    [withContainer({ resources: { limits: { cpu: '1mm' } } }), "unable to parse quantity's suffix"],
    [
      withContainer({ livenessProbe: { httpGet: { port: true } } }),
      `${at} bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32`,
    ],
    [withSpec({ hostNetwork: 'true' }), `${at} string into Go struct field PodSpec.spec.hostNetwork of type bool`],
    [withSpec({ nodeSelector: { a: 1 } }), `${at} number into Go struct field PodSpec.spec.nodeSelector of type string`],
    [{ ...withSpec({}), spec: [] }, `${at} array into Go struct field Pod.spec of type v1.PodSpec`],
    [
      { ...withSpec({}), metadata: { labels: ['a'] } },
      `${at} array into Go struct field ObjectMeta.metadata.labels of type map[string]string`,
    ],
    [
      { ...withSpec({}), metadata: { creationTimestamp: 'yesterday' } },
      'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"',
    ],
  ])('%j', (object, message) => expect(decodeObject(object, pod).error).toBe(message))

  test('and of the converter, where a patch was applied', () => {
    const patched = { spec: { replicas: 'a' } }
    expect(decodeObject(patched, deployment, 'patch').error).toBe('unrecognized type: int32')
    expect(decodeObject({ spec: 'x' }, deployment, 'patch').error).toBe('cannot restore struct from: string')
    expect(decodeObject({ spec: { template: { spec: { containers: {} } } } }, deployment, 'patch').error).toBe(
      'cannot restore slice from map',
    )
  })
})

describe('fields that do not exist', () => {
  test('are named with their way, in the order of the document, and left out', () => {
    const { object, strict, error } = decodeObject(
      { ...withContainer({ imgae: 'y', ports: [{ name: 'a', prot: 1 }] }), metadata: { foo: 1 }, baz: 3 },
      pod,
    )
    expect(error).toBeNull()
    expect(strict).toEqual([
      'unknown field "metadata.foo"',
      'unknown field "spec.containers[0].imgae"',
      'unknown field "spec.containers[0].ports[0].prot"',
      'unknown field "baz"',
    ])
    expect(JSON.stringify(object)).not.toMatch(/foo|imgae|prot"|baz/)
  })

  test('or are there twice', () => {
    expect(duplicateFields('{"a":"{\\"a\\":1}","b":[{"c":1,"c":2},{"c":3}],"b":[],"a":0}')).toEqual([
      'duplicate field "b[0].c"',
      'duplicate field "b"',
      'duplicate field "a"',
    ])
  })
})

describe('what is stored has the form of the server’s encoder', () => {
  test.each<[string, object, object]>([
    ['empty values of plain fields go', { hostNetwork: false, volumes: [], nodeSelector: {}, nodeName: '' }, {}],
    [
      'those of pointers stay',
      { enableServiceLinks: false, priority: 0, securityContext: {} },
      { enableServiceLinks: false, priority: 0, securityContext: {} },
    ],
    ['null is the same as nothing', { restartPolicy: null, affinity: null }, {}],
    [
      'quantities are canonical',
      { overhead: { cpu: '0.5', memory: '1024Mi', storage: 1e3 } },
      { overhead: { cpu: '500m', memory: '1Gi', storage: '1k' } },
    ],
  ])('%s', (_name, spec, expected) => {
    const { containers: _containers, ...rest } = decodeObject({ spec }, pod).object['spec'] as Record<string, unknown>
    expect(rest).toEqual(expected)
  })

  test('structs are written even where they are empty', () => {
    expect(decodeObject({ kind: 'Deployment', apiVersion: 'apps/v1' }, deployment).object).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {},
      spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
      status: {},
    })
  })
})

describe('patches and server-side apply know a list’s items by', () => {
  test.each<[string, string, string | undefined, string[] | undefined, string | undefined]>([
    ['core.v1.PodSpec', 'containers', 'name', ['name'], 'map'],
    ['core.v1.PodSpec', 'tolerations', undefined, undefined, 'atomic'],
    ['core.v1.PodSpec', 'volumes', 'name', ['name'], 'map'],
    ['core.v1.Container', 'ports', 'containerPort', ['containerPort', 'protocol'], 'map'],
    ['core.v1.Container', 'env', 'name', ['name'], 'map'],
    ['core.v1.Container', 'volumeMounts', 'mountPath', ['mountPath'], 'map'],
    ['core.v1.Container', 'args', undefined, undefined, 'atomic'],
    ['core.v1.ServiceSpec', 'ports', 'port', ['port', 'protocol'], 'map'],
    ['core.v1.NodeStatus', 'conditions', 'type', ['type'], 'map'],
    ['meta.v1.ObjectMeta', 'ownerReferences', 'uid', ['uid'], 'map'],
    ['meta.v1.ObjectMeta', 'finalizers', undefined, undefined, 'set'],
  ])('%s %s', (type, field, mergeKey, keys, listType) => {
    const shape = structOf(type).fields.get(field)
    expect([shape?.mergeKey, shape?.listKeys, shape?.listType]).toEqual([mergeKey, keys, listType])
  })

  test('and which structs they replace whole', () => {
    expect(structOf('apps.v1.DeploymentSpec').fields.get('strategy')?.patchStrategies).toEqual(['retainKeys'])
    expect(structOf('meta.v1.LabelSelector').atomic).toBe(true)
  })
})

describe('the OpenAPI document of a group version', () => {
  const apps = builtinResources(settings()).filter(({ group }) => group === 'apps')
  // oxlint-disable-next-line typescript/no-explicit-any
  const document = openApiDocument(
    'apps',
    'v1',
    apps.map((definition) => ({ definition })),
    35,
  ) as any
  const spec = document.components.schemas['io.k8s.api.apps.v1.DeploymentSpec']

  test('explains fields in Kubernetes’ own texts', () => {
    expect(spec.properties.replicas).toEqual({
      description: 'Number of desired pods. This is a pointer to distinguish between explicit zero and not specified. Defaults to 1.',
      type: 'integer',
      format: 'int32',
    })
    expect(spec.required).toEqual(['selector', 'template'])
  })

  test('names the kind of every schema and tells that the server validates fields itself', () => {
    const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
    expect(document.components.schemas['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind']).toEqual([kind])
    const { patch } = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']
    expect(patch['x-kubernetes-group-version-kind']).toEqual(kind)
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain('fieldValidation')
  })

  test('leaves no reference without its schema', () => {
    const names = new Set(Object.keys(document.components.schemas))
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(names).toContain(name)
  })
})
