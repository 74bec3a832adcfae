/** Objects that a server takes, for the fuzzers to spoil. */

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Body = Record<string, any>

export interface Sample {
  /** Of the collection. */
  path: string
  body: (name: string) => Body
  /** Has a schema of its own: what does not fit it is invalid, not unreadable. */
  custom?: boolean
}

export const SHIRTS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'shirts.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Shirt', plural: 'shirts', singular: 'shirt', listKind: 'ShirtList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1, maximum: 9 },
                  color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
                  bought: { type: 'string', format: 'date-time' },
                  tags: { type: 'array', items: { type: 'string', maxLength: 5 } },
                },
              },
              status: { type: 'object', properties: { size: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
}

const template = (app: string): Body => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        command: ['sleep', '60'],
        env: [{ name: 'A', value: 'b' }],
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        resources: { limits: { cpu: '100m' } },
        readinessProbe: { periodSeconds: 5, httpGet: { path: '/', port: 80 } },
      },
    ],
    nodeSelector: { nowhere: 'yes' },
    terminationGracePeriodSeconds: 1,
  },
})

/** By kind. The pods among them are for no node, so that a cluster with kubelets has nothing to do with them. */
export const SAMPLES: Record<string, Sample> = {
  ConfigMap: {
    path: '/api/v1/namespaces/default/configmaps',
    body: (name) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, labels: { app: 'x' }, annotations: { note: 'y' } },
      data: { k: 'v' },
    }),
  },
  Pod: {
    path: '/api/v1/namespaces/default/pods',
    body: (name) => ({ apiVersion: 'v1', kind: 'Pod', ...template(name), metadata: { name, labels: { app: name } } }),
  },
  Service: {
    path: '/api/v1/namespaces/default/services',
    body: (name) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { type: 'ClusterIP', selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    }),
  },
  Deployment: {
    path: '/apis/apps/v1/namespaces/default/deployments',
    body: (name) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: { replicas: 1, minReadySeconds: 1, paused: false, selector: { matchLabels: { app: name } }, template: template(name) },
    }),
  },
  Job: {
    path: '/apis/batch/v1/namespaces/default/jobs',
    body: (name) => ({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name },
      spec: { parallelism: 1, template: { spec: { ...template(name)['spec'], restartPolicy: 'Never' } } },
    }),
  },
  Shirt: {
    path: '/apis/example.com/v1/namespaces/default/shirts',
    body: (name) => ({
      apiVersion: 'example.com/v1',
      kind: 'Shirt',
      metadata: { name },
      spec: { size: 3, color: 'blue', bought: '2026-01-02T03:04:05Z', tags: ['a'] },
    }),
    custom: true,
  },
}

/** What is there before the fuzzing: one object of each kind, by the name `there`. */
export const THERE = 'there'
