/** get, in every form of output. */
import { expect } from 'vitest'
import type { Shell } from './shell.ts'
import type { Verbs } from './matrix.ts'

const AGE = String.raw`\d+(s|m|m\d+s)`
const POD_ADDRESS = String.raw`172\.16\.\d+\.\d+`

async function twoPods({ does }: Shell): Promise<void> {
  await does(
    'kubectl run a --image=nginx:1.25 --labels=app=a,tier=front',
    'kubectl run b --image=nginx:1.25 --labels=app=b,tier=front',
    'kubectl wait --for=condition=Ready pod/a pod/b --timeout=30s',
  )
}

export const get: Verbs = (verb) => {
  verb('prints the columns of pods, and more of them with -o wide', async (shell) => {
    const { says } = shell
    await twoPods(shell)
    await says(
      'kubectl get pod',
      new RegExp(`^NAME   READY   STATUS    RESTARTS   AGE\na      1/1     Running   0          ${AGE}\nb      1/1 .*$`),
    )
    await says(
      'kubectl get pod a -o wide',
      new RegExp(`NOMINATED NODE   READINESS GATES\na .* ${POD_ADDRESS} +w[123]-k8s +<none> +<none>$`),
    )
    await says('kubectl get pod a --no-headers', new RegExp(`^a +1/1 +Running +0 +${AGE}$`))
    await says('kubectl get pod --show-labels a', /LABELS\na .* app=a,tier=front$/)
    await says('kubectl get pod -L app,tier', /AGE +APP +TIER\na .* a +front\nb .* b +front$/)
    await says('kubectl get pod -l app=b --no-headers', /^b /)
    await says("kubectl get pod -l 'app in (a,b),app!=a' -o name", 'pod/b')
    await says('kubectl get pod --field-selector=metadata.name=a,status.phase=Running -o name', 'pod/a')
    await says('kubectl get pod --sort-by=.metadata.name --no-headers', /^a .*\nb /)
    await says('kubectl get pod --chunk-size=1 -o name', 'pod/a\npod/b')
    await says('kubectl get pod -l app=none', { err: `No resources found in ${shell.namespace} namespace.` })
  })

  verb('prints objects as JSON, YAML, names, by paths and by templates', async (shell) => {
    const { says, run, file } = shell
    await twoPods(shell)
    const one = JSON.parse((await run('kubectl get pod a -o json')).stdout)
    expect(one).toMatchObject({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' }, status: { phase: 'Running' } })
    const list = JSON.parse((await run('kubectl get pod -o json')).stdout)
    expect(list.kind).toBe('List')
    expect(list.items).toHaveLength(2)
    await says('kubectl get pod a -o yaml', /^apiVersion: v1\nkind: Pod\nmetadata:\n[^]*\n {2}phase: Running\n/)
    await says('kubectl get pod -o name', 'pod/a\npod/b')
    await says("kubectl get pod -o jsonpath='{range .items[*]}{.metadata.name}={.status.phase};{end}'", 'a=Running;b=Running;')
    await says(`kubectl get pod -o jsonpath='{.items[?(@.metadata.labels.app=="b")].spec.containers[0].image}'`, 'nginx:1.25')
    await says(
      'kubectl get pod -o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image,NONE:.spec.nope',
      /^NAME   IMAGE        NONE\na      nginx:1.25   <none>\nb /,
    )
    file('columns.txt', 'NAME          PHASE\nmetadata.name status.phase\n')
    await says('kubectl get pod a -o custom-columns-file=columns.txt', 'NAME   PHASE\na      Running')
    await says(`kubectl get pod -o go-template='{{range .items}}{{.metadata.name}} {{end}}'`, 'a b ')
    file('template', '{{.metadata.name}} is {{.status.phase}}')
    await says('kubectl get pod a -o go-template-file=template', 'a is Running')
    await says('kubectl get pod a -o nope', { err: /^error: unable to match a printer suitable for the output format "nope"/, code: 1 })
  })

  verb('reads several kinds, all of a namespace, all namespaces, and by short names', async ({ says, does, namespace }) => {
    await does(
      'kubectl create deployment web --image=nginx:1.25',
      'kubectl expose deployment web --port=80',
      'kubectl rollout status deployment web',
    )
    await says(
      'kubectl get deploy,svc,endpointslice -o name',
      /^deployment.apps\/web\nservice\/web\nendpointslice.discovery.k8s.io\/web-\w+$/,
    )
    await says(
      'kubectl get deployments.apps web',
      new RegExp(`^NAME   READY   UP-TO-DATE   AVAILABLE   AGE\nweb    1/1     1            1           ${AGE}$`),
    )
    await says('kubectl get deployments.v1.apps/web service/web -o name', 'deployment.apps/web\nservice/web')
    await says(
      'kubectl get rs -o wide',
      /DESIRED +CURRENT +READY +AGE +CONTAINERS +IMAGES +SELECTOR\nweb-\w+ +1 +1 +1 .* nginx +nginx:1.25 +app=web,pod-template-hash=\w+$/,
    )
    await says(
      'kubectl get svc -o wide',
      /TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR\nweb +ClusterIP +10\.\S+ +<none> +80\/TCP .* app=web$/,
    )
    await says(
      'kubectl get all',
      /^NAME [^]*\npod\/web-[^]*\n\nNAME [^]*\nservice\/web [^]*\n\nNAME [^]*\ndeployment.apps\/web [^]*\n\nNAME [^]*\nreplicaset.apps\/web-/,
    )
    await says('kubectl get pod -A', new RegExp(`^NAMESPACE +NAME [^]*\nkube-system +coredns-[^]*`))
    await says(`kubectl get pod -A --field-selector=metadata.namespace=${namespace} -o name`, /^pod\/web-\S+$/)
    await says(
      'kubectl get node -o wide',
      /INTERNAL-IP +EXTERNAL-IP +OS-IMAGE +KERNEL-VERSION +CONTAINER-RUNTIME\nm-k8s .* 192\.168\.1\.10 [^]*\nw3-k8s .* 192\.168\.1\.103 /,
    )
    await says('kubectl get ns kube-system -o name', 'namespace/kube-system')
  })

  verb('says what is not there', async ({ says }) => {
    await says('kubectl get pod nope', { err: 'Error from server (NotFound): pods "nope" not found', code: 1 })
    await says('kubectl get pod nope --ignore-not-found', '')
    await says('kubectl get nope', { err: 'error: the server doesn\'t have a resource type "nope"', code: 1 })
    await says('kubectl get pod -n nope', { err: 'No resources found in nope namespace.' })
    await says('kubectl get pod a --field-selector=x=y', {
      err: /^error: field selectors? not supported|^Error from server|cannot be/i,
      code: 1,
    })
    await says('kubectl get pod --field-selector=spec.nope=y', { err: /field label not supported: spec.nope$/, code: 1 })
    await says("kubectl get pod -l 'a b'", { err: /unable to parse requirement: |found 'b'/, code: 1 })
  })

  verb('reads raw paths and the objects of a file', async ({ says, file, namespace }) => {
    await says(
      `kubectl get --raw /api/v1/namespaces/${namespace}/pods`,
      /^{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"\d+"},"items":\[\]}$/,
    )
    await says('kubectl get --raw /healthz', 'ok')
    file('c.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\ndata: { a: b }\n')
    await says('kubectl create -f c.yaml', 'configmap/c created')
    await says('kubectl get -f c.yaml', /^NAME   DATA   AGE\nc      1 /)
  })

  verb('watches: what is there, then each change, until it is interrupted', async ({ start, does }) => {
    await does('kubectl create configmap first --from-literal=a=b')
    const watch = start('kubectl get configmap -w --no-headers')
    await watch.until(/^first /m)
    await does('kubectl create configmap second --from-literal=a=b', 'kubectl label configmap second x=y')
    const seen = await watch.until(/(^second .*\n){2}/m)
    expect(seen).toMatch(/^first +1 /m)
    const { code } = await watch.interrupt()
    expect(code).not.toBe(0)
    const events = start('kubectl get configmap second -w --output-watch-events -o jsonpath="{.type} {.object.metadata.name}{\'\\n\'}"')
    await events.until(/ADDED/)
    await does('kubectl annotate configmap second x=1', 'kubectl delete configmap second')
    await events.until(/ADDED second\n(MODIFIED second\n)+DELETED second/)
  })
}
