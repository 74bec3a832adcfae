/** What a cluster says of itself: explain, api-resources, api-versions, cluster-info, version, auth, events. */
import { expect } from 'vitest'
import type { Verbs } from './matrix.ts'

export const discover: Verbs = (verb) => {
  verb('explains kinds and fields in their own words', async ({ says, minor }) => {
    const old = minor < 27
    await says(
      'kubectl explain pod',
      old
        ? /^KIND: +Pod\nVERSION: +v1\n\nDESCRIPTION:\n +Pod is a collection of containers that can run on a host\./
        : /^KIND: +Pod\nVERSION: +v1\n\nDESCRIPTION:\n +Pod is a collection of containers that can run on a host\./,
    )
    await says(
      'kubectl explain deployment.spec.replicas',
      old
        ? /FIELD: +replicas <integer>\n\nDESCRIPTION:\n +Number of desired pods\./
        : /^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>\n\n+DESCRIPTION:\n +Number of desired pods\./,
    )
    await says(
      'kubectl explain svc.spec.externalTrafficPolicy',
      /externalTrafficPolicy <string>[^]*externalTrafficPolicy describes how nodes distribute service traffic/,
    )
    await says('kubectl explain deploy --recursive', /^ +maxSurge\t?<(string|IntOrString)>$/m)
    await says('kubectl explain node.status.addresses', /<\[\](Object|NodeAddress)>[^]*List of addresses reachable to the node\./)
    await says('kubectl explain nope', { err: /the server doesn't have a resource type "nope"|couldn't find resource for "/, code: 1 })
    await says('kubectl explain pod.nope', { out: /^(KIND: [^]*)?$/, err: /^error: field "nope" does not exist$/, code: 1 })
  })

  verb('lists resources and versions', async ({ says, run }) => {
    await says('kubectl api-versions', /^(\S+\n)*apps\/v1\n(\S+\n)*v1$/)
    const { stdout, stderr } = await run('kubectl api-resources')
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^NAME +SHORTNAMES +(APIGROUP|APIVERSION) +NAMESPACED +KIND\n/)
    expect(stdout).toMatch(/^deployments +deploy +apps(\/v1)? +true +Deployment$/m)
    expect(stdout).toMatch(/^nodes +no +(v1)? +false +Node$/m)
    await says('kubectl api-resources --namespaced=false -o name --verbs=list,get', /^namespaces$/m)
    await says(
      'kubectl api-resources --api-group=batch --no-headers -o wide',
      /^cronjobs +cj +batch\S* +true +CronJob +\[?create[, ]delete/,
    )
  })

  verb('says where the cluster is, and which version', async ({ says, run, minor }) => {
    await says('kubectl cluster-info', /Kubernetes (control plane|master)[^]* is running at [^]*http:\/\/127\.0\.0\.1:\d+/)
    const version = JSON.parse((await run('kubectl version -o json')).stdout)
    expect(version.clientVersion.minor).toMatch(new RegExp(`^${minor}`))
    expect(version.serverVersion.gitVersion).toMatch(/^v1\.(20|35)\.\d$/)
    await says('kubectl get --raw /version', /"gitVersion": ?"v1\./)
    await says('kubectl config current-context', 'lab')
    expect((await run('kubectl cluster-info dump --namespaces default | head -c 100')).stdout).toContain('"kind": "NodeList"')
  })

  verb('says what one may do', async ({ says }) => {
    await says('kubectl auth can-i create pods', 'yes')
    await says('kubectl auth can-i "*" "*" --all-namespaces', 'yes')
    await says('kubectl auth can-i list nodes', { out: 'yes', err: /^(Warning: resource 'nodes' is not namespace scoped)?$/ })
    await says('kubectl auth can-i --list', /^Resources +Non-Resource URLs +Resource Names +Verbs\n[^]*\*\.\* +\[\] +\[\] +\[\*\]/)
    await says('kubectl auth can-i create nope', { out: /^(yes|no)$/, err: /^Warning: the server doesn't have a resource type 'nope'$/ })
  })

  verb('says who one is', async ({ says }) => says('kubectl auth whoami', /^ATTRIBUTE +VALUE\nUsername +kubernetes-admin\nGroups +\[/), {
    since: 28,
  })

  verb('reconciles access rules', async ({ says, file, namespace }) => {
    file(
      'role.yaml',
      `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: r, namespace: ${namespace} }\nrules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]\n`,
    )
    await says('kubectl auth reconcile -f role.yaml', {
      out: /^role.rbac.authorization.k8s.io\/r reconciled/,
      err: /missing rules added:\n\t\t{Verbs:\[get\] /,
    })
  })

  verb('lists events as objects', async ({ says, does }) => {
    await does('kubectl run p --image=nginx:1.25', 'kubectl wait --for=condition=Ready pod/p --timeout=30s')
    await says(
      'kubectl get events --field-selector involvedObject.name=p,reason=Scheduled',
      /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\S+ +Normal +Scheduled +pod\/p +Successfully assigned m\d+\/p to w\d-k8s$/,
    )
    await says("kubectl get events --sort-by=.metadata.creationTimestamp -o jsonpath='{.items[*].reason}'", /Scheduled.*Started/)
    await says(
      'kubectl describe pod p',
      /\nEvents:\n +Type +Reason +Age +From +Message\n[^]*Scheduled[^]*Pulled|Pulling[^]*Created[^]*Started/,
    )
  })

  verb(
    'lists events by its own command',
    async ({ says, does, start }) => {
      await does('kubectl run p --image=nginx:1.25', 'kubectl wait --for=condition=Ready pod/p --timeout=30s')
      await says('kubectl events --for pod/p', /^LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n[^]*Scheduled +Pod\/p +Successfully assigned/)
      await says('kubectl events --types=Warning', { err: /^No (events|resources) found in m\d+ namespace\.$/ })
      const watch = start('kubectl events -w')
      await watch.until(/Started/)
    },
    { since: 26 },
  )

  verb('approves and denies certificates', async ({ says, file, does, namespace }) => {
    await does(
      'openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out request.pem -subj /CN=anna 2>/dev/null',
    )
    for (const name of ['yes', 'no']) {
      file(
        'csr.yaml',
        `apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: { name: ${namespace}-${name} }\nspec: { request: REQUEST, signerName: kubernetes.io/kube-apiserver-client, usages: [client auth] }\n`,
      )
      await does('sed "s/REQUEST/$(base64 -w0 request.pem)/" csr.yaml | kubectl create -f -')
    }
    await says(`kubectl certificate approve ${namespace}-yes`, `certificatesigningrequest.certificates.k8s.io/${namespace}-yes approved`)
    await says(`kubectl certificate deny ${namespace}-no`, `certificatesigningrequest.certificates.k8s.io/${namespace}-no denied`)
    await says(`kubectl get csr ${namespace}-no --no-headers`, / Denied$/)
    await does(`kubectl delete csr ${namespace}-yes ${namespace}-no`)
  })
}
