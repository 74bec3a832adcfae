/** create with every generator, run, and the dry runs of both. */
import { expect } from 'vitest'
import type { Verbs } from './matrix.ts'

export const create: Verbs = (verb) => {
  verb('makes workloads', async ({ says }) => {
    await says('kubectl create deployment web --image=nginx:1.25 --replicas=2 --port=80', 'deployment.apps/web created')
    await says('kubectl create deployment web --image=nginx', {
      err: /^(error: failed to create deployment: |Error from server \(AlreadyExists\): )deployments.apps "web" already exists$/,
      code: 1,
    })
    await says("kubectl get deploy web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[0].ports[0].containerPort}'", '2 80')
    await says('kubectl create job once --image=busybox -- echo hi', 'job.batch/once created')
    await says('kubectl create cronjob hourly --image=busybox --schedule="0 * * * *" -- echo hi', /^cronjob.batch\/hourly created$/)
    await says('kubectl create job now --from=cronjob/hourly', 'job.batch/now created')
    await says(
      "kubectl get job now -o jsonpath='{.metadata.ownerReferences[0].name} {.spec.template.spec.containers[0].command}'",
      /^hourly \["?echo/,
    )
    await says(
      'kubectl create poddisruptionbudget budget --selector=app=web --min-available=1',
      'poddisruptionbudget.policy/budget created',
    )
  })

  verb('makes services of each type', async ({ says }) => {
    await says('kubectl create service clusterip ip --tcp=80:8080', 'service/ip created')
    await says('kubectl create service clusterip headless --clusterip=None --tcp=80', 'service/headless created')
    await says('kubectl create service nodeport port --tcp=80:80 --node-port=31999', 'service/port created')
    await says('kubectl create service loadbalancer balancer --tcp=80:80', 'service/balancer created')
    await says('kubectl create service externalname name --external-name=example.com', 'service/name created')
    await says(
      'kubectl get svc ip headless port balancer name --no-headers',
      /^ip +ClusterIP +10\.\S+ +<none> +80\/TCP .*\nheadless +ClusterIP +None +<none> +80\/TCP .*\nport +NodePort +10\.\S+ +<none> +80:31999\/TCP .*\nbalancer +LoadBalancer +10\.\S+ +<pending> +80:3\d+\/TCP .*\nname +ExternalName +<none> +example.com +<none> /,
    )
    await says('kubectl create service nodeport again --tcp=80 --node-port=31999', {
      err: /Service "again" is invalid: spec\.ports\[0\]\.nodePort: Invalid value: 31999: provided port is already allocated$/,
      code: 1,
    })
  })

  verb('makes configuration', async ({ says, file }) => {
    file('app.conf', 'x=1\n')
    file('vars.env', 'A=1\nB=2\n')
    await says('kubectl create configmap literal --from-literal=a=b --from-literal=c=d', 'configmap/literal created')
    await says('kubectl create configmap file --from-file=app.conf --from-file=other=app.conf', 'configmap/file created')
    await says('kubectl create configmap env --from-env-file=vars.env', 'configmap/env created')
    await says("kubectl get cm literal file env -o jsonpath='{range .items[*]}{.data}{end}'", /"a":"b"[^]*"app.conf":"x=1\\n"[^]*"B":"2"/)
    await says('kubectl create secret generic plain --from-literal=password=geheim', 'secret/plain created')
    await says("kubectl get secret plain -o jsonpath='{.type} {.data.password}'", 'Opaque Z2VoZWlt')
    await says(
      'kubectl create secret docker-registry registry --docker-username=u --docker-password=p --docker-server=r.example',
      'secret/registry created',
    )
    await says("kubectl get secret registry -o jsonpath='{.type}'", 'kubernetes.io/dockerconfigjson')
    await says('kubectl create quota few --hard=pods=10,services=2', 'resourcequota/few created')
    await says('kubectl create serviceaccount robot', 'serviceaccount/robot created')
    await says('kubectl create serviceaccount robot', { err: /serviceaccounts "robot" already exists$/, code: 1 })
  })

  verb('makes a TLS secret of a certificate and its key', async ({ says, does }) => {
    await does('openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -subj /CN=web -days 1')
    await says('kubectl create secret tls pair --cert=cert.pem --key=key.pem', 'secret/pair created')
    await says("kubectl get secret pair -o jsonpath='{.type}'", 'kubernetes.io/tls')
  })

  verb('makes what grants access', async ({ says, namespace }) => {
    await says(
      'kubectl create role reader --verb=get,list --resource=pods,deployments.apps',
      'role.rbac.authorization.k8s.io/reader created',
    )
    await says(
      'kubectl create rolebinding readers --role=reader --user=anna --serviceaccount=default:default',
      'rolebinding.rbac.authorization.k8s.io/readers created',
    )
    await says(
      `kubectl create clusterrole ${namespace} --verb=get --resource=nodes`,
      `clusterrole.rbac.authorization.k8s.io/${namespace} created`,
    )
    await says(
      `kubectl create clusterrolebinding ${namespace} --clusterrole=${namespace} --group=all`,
      `clusterrolebinding.rbac.authorization.k8s.io/${namespace} created`,
    )
    await says('kubectl create role bad --verb=get --resource=nope', { err: /the server doesn't have a resource type "nope"$/, code: 1 })
    await says("kubectl get role reader -o jsonpath='{.rules[*].resources}'", '["pods"] ["deployments"]')
    await says(
      `kubectl create priorityclass ${namespace} --value=10 --description=some`,
      `priorityclass.scheduling.k8s.io/${namespace} created`,
    )
    await says(`kubectl delete clusterrole,clusterrolebinding,priorityclass ${namespace}`, /^(\S+ "\w+" deleted\n?){3}$/)
  })

  verb('makes an ingress', async ({ says }) => {
    await says('kubectl create ingress way --class=nginx --rule="web.example/path*=web:80"', 'ingress.networking.k8s.io/way created')
    await says('kubectl get ingresses.networking.k8s.io way --no-headers', /^way +nginx +web.example +80 /)
  })

  verb('makes a token for a service account', async ({ says }) => says('kubectl create token default', /^[\w-]+\.[\w-]+\.[\w-]+$/), {
    since: 24,
  })

  verb('makes a namespace, which gets its service account', async ({ says, namespace }) => {
    await says(`kubectl create namespace ${namespace}-x`, `namespace/${namespace}-x created`)
    await says(`kubectl get ns ${namespace}-x --no-headers`, new RegExp(`^${namespace}-x +Active `))
    await says(`kubectl delete namespace ${namespace}-x`, `namespace "${namespace}-x" deleted`)
  })

  verb('only prints with --dry-run, and has the server fill in its defaults with --dry-run=server', async ({ says }) => {
    await says('kubectl create deployment dry --image=nginx --dry-run=client', 'deployment.apps/dry created (dry run)')
    await says('kubectl create deployment dry --image=nginx --dry-run=server', 'deployment.apps/dry created (server dry run)')
    await says('kubectl create deployment dry --image=nginx --dry-run=client -o yaml', /^apiVersion: apps\/v1\nkind: Deployment\n/)
    await says("kubectl create deployment dry --image=nginx --dry-run=server -o jsonpath='{.spec.revisionHistoryLimit}'", '10')
    await says('kubectl run dry --image=nginx --dry-run=client -o name', 'pod/dry')
    await says("kubectl run dry --image=nginx --dry-run=server -o jsonpath='{.spec.restartPolicy}'", 'Always')
    await says('kubectl get deploy,pod', { err: /^No resources found in m\d+ namespace\.$/ })
  })

  verb('creates from files: several objects, generated names, and errors one by one', async ({ says, file, run }) => {
    file(
      'two.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: one }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: two }\n',
    )
    await says('kubectl create -f two.yaml', 'configmap/one created\nsecret/two created')
    await says('kubectl create -f two.yaml', {
      err: 'Error from server (AlreadyExists): error when creating "two.yaml": configmaps "one" already exists\nError from server (AlreadyExists): error when creating "two.yaml": secrets "two" already exists',
      code: 1,
    })
    await says(
      'kubectl create -f -',
      /^configmap\/made-[a-z0-9]{5} created$/,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"made-"}}',
    )
    const nope = await run('kubectl create -f -', '{"apiVersion":"v1","kind":"Nope","metadata":{"name":"x"}}')
    expect(nope.stderr).toMatch(/no matches for kind "Nope" in version "v1"/)
    expect(nope.code).toBe(1)
    await says('kubectl create -f missing.yaml', { err: /^error: the path "missing.yaml" does not exist$/, code: 1 })
  })

  verb('refuses a field that is not there', async ({ says, file, minor }) => {
    file('typo.yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: typo }\nspec: { selektor: { a: b }, ports: [{ port: 80 }] }\n')
    // before 1.25 kubectl itself finds it, by the OpenAPI document
    const words =
      minor < 25
        ? /^error: error validating "typo.yaml": error validating data: ValidationError\(Service.spec\): unknown field "selektor" in io.k8s.api.core.v1.ServiceSpec; if you choose to ignore these errors, turn validation off with --validate=false$/
        : /^Error from server \(BadRequest\): error when creating "typo.yaml": Service in version "v1" cannot be handled as a Service: strict decoding error: unknown field "spec.selektor"$/
    await says('kubectl create -f typo.yaml', { err: words, code: 1 })
    await says('kubectl create -f typo.yaml --validate=false', 'service/typo created')
  })
}
