/** apply on the client's and on the server's side, diff, edit, replace. */
import { expect } from 'vitest'
import type { Verbs } from './matrix.ts'

const deployment = (spec: string, labels = '{}'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, labels: ${labels} }
spec:
  ${spec}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "nginx:1.25" }] }
`

export const apply: Verbs = (verb) => {
  verb('creates, changes nothing, changes what differs and removes what is gone', async ({ says, file }) => {
    file('web.yaml', deployment('replicas: 1', '{ a: b }'))
    await says('kubectl apply -f web.yaml', 'deployment.apps/web created')
    await says('kubectl apply -f web.yaml', 'deployment.apps/web unchanged')
    file('web.yaml', deployment('replicas: 2', '{ c: d }'))
    await says('kubectl apply -f web.yaml', 'deployment.apps/web configured')
    await says("kubectl get deploy web -o jsonpath='{.metadata.labels} {.spec.replicas}'", '{"c":"d"} 2')
    await says('kubectl apply view-last-applied deploy/web -o json', /"replicas": 2/)
    await says('kubectl delete -f web.yaml', /^deployment.apps "web" deleted( from m\d+ namespace)?$/)
  })

  verb('dry-runs on both sides', async ({ says, file }) => {
    file('web.yaml', deployment('replicas: 1'))
    await says('kubectl apply -f web.yaml --dry-run=client', 'deployment.apps/web created (dry run)')
    await says('kubectl apply -f web.yaml --dry-run=server', 'deployment.apps/web created (server dry run)')
    await says('kubectl get deploy web', { err: /not found$/, code: 1 })
    await says('kubectl apply -f web.yaml', 'deployment.apps/web created')
    file('web.yaml', deployment('replicas: 3'))
    await says('kubectl apply -f web.yaml --dry-run=server', 'deployment.apps/web configured (server dry run)')
    await says("kubectl get deploy web -o jsonpath='{.spec.replicas}'", '1')
  })

  verb('shows with diff what apply would change', async ({ says, file, minor, run }) => {
    file('web.yaml', deployment('replicas: 1'))
    const added = await run('kubectl diff -f web.yaml')
    expect(added).toMatchObject({ code: 1, stderr: '' })
    expect(added.stdout).toMatch(/^\+kind: Deployment$/m)
    await says('kubectl apply -f web.yaml', 'deployment.apps/web created')
    await says('kubectl diff -f web.yaml', '')
    file('web.yaml', deployment('replicas: 4'))
    await says('kubectl diff -f web.yaml', { out: /^diff -u [^]*\n- {2}replicas: 1\n\+ {2}replicas: 4\n/, code: 1 })
    if (minor >= 20) await says('kubectl diff --server-side -f web.yaml', { out: /^\+ {2}replicas: 4$/m, code: 1, err: /^$|conflict/ })
  })

  verb('applies on the server: who owns what, conflicts, and force', async ({ says, file }) => {
    file('web.yaml', deployment('replicas: 1'))
    await says('kubectl apply --server-side -f web.yaml', 'deployment.apps/web serverside-applied')
    await says('kubectl apply --server-side -f web.yaml --dry-run=server', 'deployment.apps/web serverside-applied (server dry run)')
    await says('kubectl scale deploy web --replicas=2', 'deployment.apps/web scaled')
    await says('kubectl apply --server-side -f web.yaml --field-manager=other', {
      err: /^error: Apply failed with 1 conflict: conflict with "kubectl"( with subresource "scale")?( using apps\/v1)?( at \S+)?: \.spec\.replicas\n/,
      code: 1,
    })
    await says('kubectl apply --server-side -f web.yaml --field-manager=other --force-conflicts', 'deployment.apps/web serverside-applied')
    await says("kubectl get deploy web -o jsonpath='{.spec.replicas}'", '1')
  })

  verb('prunes what is no longer applied', async ({ says, file, minor }) => {
    const map = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name}, labels: { set: x } }\n---\n`
    const list = minor < 26 ? '--prune-whitelist' : '--prune-allowlist'
    file('maps.yaml', map('one') + map('two'))
    await says('kubectl apply -f maps.yaml', 'configmap/one created\nconfigmap/two created')
    file('maps.yaml', map('one'))
    await says(`kubectl apply -f maps.yaml --prune -l set=x ${list}=core/v1/ConfigMap`, 'configmap/one unchanged\nconfigmap/two pruned')
    await says('kubectl get cm -l set=x -o name', 'configmap/one')
  })

  verb('builds a kustomization', async ({ says, file }) => {
    file('kustomization.yaml', 'namePrefix: my-\nresources: [web.yaml]\n')
    file('web.yaml', deployment('replicas: 1'))
    await says('kubectl apply -k .', 'deployment.apps/my-web created')
    await says('kubectl kustomize .', /^ {2}name: my-web$/m)
    await says('kubectl delete -k .', /^deployment.apps "my-web" deleted/)
  })

  verb('tells apart what cannot be applied', async ({ says, file }) => {
    file('none.yaml', 'apiVersion: example.com/v1\nkind: Nothing\nmetadata: { name: x }\n')
    await says('kubectl apply -f none.yaml', { err: /no matches for kind "Nothing" in version "example.com\/v1"/, code: 1 })
    file('invalid.yaml', deployment('replicas: -1'))
    await says('kubectl apply -f invalid.yaml', {
      err: 'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      code: 1,
    })
    file('broken.yaml', 'a: [')
    await says('kubectl apply -f broken.yaml', { err: /^error: error parsing broken.yaml: error converting YAML to JSON: yaml: /, code: 1 })
    await says('kubectl create configmap mine --from-literal=a=b', 'configmap/mine created')
    file('mine.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: mine }\ndata: { a: c }\n')
    await says('kubectl apply -f mine.yaml', {
      out: 'configmap/mine configured',
      err: /^Warning: resource configmaps\/mine is missing the .*last-applied-configuration annotation|^Warning: /,
    })
  })

  verb('applies custom resources once their definition is there', async ({ says, does, file, namespace }) => {
    const group = `${namespace}.example.com`
    file(
      'definition.yaml',
      JSON.stringify({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `things.${group}` },
        spec: {
          group,
          scope: 'Namespaced',
          names: { plural: 'things', singular: 'thing', kind: 'Thing', shortNames: ['th'] },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  description: 'A thing.',
                  properties: {
                    spec: { type: 'object', properties: { size: { type: 'integer', description: 'How large.', maximum: 9 } } },
                  },
                },
              },
              additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
            },
          ],
        },
      }),
    )
    await says('kubectl apply -f definition.yaml', `customresourcedefinition.apiextensions.k8s.io/things.${group} created`)
    await does(`kubectl wait --for=condition=established crd/things.${group} --timeout=20s`)
    file('thing.yaml', `apiVersion: ${group}/v1\nkind: Thing\nmetadata: { name: t }\nspec: { size: 3 }\n`)
    await says('kubectl apply -f thing.yaml', `thing.${group}/t created`)
    await says('kubectl apply -f thing.yaml', `thing.${group}/t unchanged`)
    await says(`kubectl get things.${group}`, 'NAME   SIZE\nt      3')
    await says(`kubectl patch things.${group} t --type=merge -p '{"spec":{"size":12}}'`, {
      err: /^The Thing "t" is invalid: spec.size: Invalid value: 12: spec.size in body should be less than or equal to 9$/,
      code: 1,
    })
    await says(`kubectl explain things --api-version=${group}/v1`, /A thing\./)
    await says(`kubectl explain things.spec.size --api-version=${group}/v1`, /FIELD: +size <integer>[^]*How large\./)
    await does('kubectl delete -f definition.yaml')
  })

  verb('edits through an editor', async ({ says, file }) => {
    file('web.yaml', deployment('replicas: 1'))
    await says('kubectl apply -f web.yaml', 'deployment.apps/web created')
    await says('KUBE_EDITOR="sed -i \'s/replicas: 1/replicas: 2/\'" kubectl edit deploy web', 'deployment.apps/web edited')
    await says("kubectl get deploy web -o jsonpath='{.spec.replicas}'", '2')
    await says('KUBE_EDITOR=true kubectl edit deploy web', {
      err: /^(Edit cancelled, no changes made\.)?$/,
      out: /^(Edit cancelled, no changes made\.)?$/,
    })
    await says(
      'KUBE_EDITOR="sed -i s/nginx:1.25/nginx:1.27/" kubectl edit deploy web -o json',
      /^{\n {4}"apiVersion": "apps\/v1",[^]*"image": "nginx:1.27",\n/,
    )
    await says('KUBE_EDITOR="sed -i s/name:.web/name:\\ site/" kubectl create -f web.yaml --edit', {
      out: /^deployment.apps\/site created$/,
    })
  })

  verb('replaces, also by deleting first, and sees who was faster', async ({ says, file, run }) => {
    await says('kubectl create configmap c --from-literal=a=b', 'configmap/c created')
    file('c.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: c }\n')
    await says('kubectl replace -f c.yaml', 'configmap/c replaced')
    const { stdout } = await run('kubectl get cm c -o yaml')
    await says('kubectl annotate cm c x=y', 'configmap/c annotated')
    file('old.yaml', stdout)
    await says('kubectl replace -f old.yaml', {
      err: /^Error from server \(Conflict\): error when replacing "old.yaml": Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your changes to the latest version and try again$/,
      code: 1,
    })
    await says('kubectl replace --force -f c.yaml', /^configmap "c" deleted( from m\d+ namespace)?\nconfigmap\/c replaced$/)
    file('d.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: d }\n')
    await says('kubectl replace -f d.yaml', { err: /configmaps "d" not found$/, code: 1 })
  })
}
