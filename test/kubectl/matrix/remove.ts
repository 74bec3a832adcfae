/** delete: by name, label and file, by every propagation, with force and with finalizers. */
import type { Shell } from './shell.ts'
import type { Verbs } from './matrix.ts'

/** From 1.33 on kubectl says where it deleted something. */
const deleted = ({ minor, namespace }: Shell, what: string, how = ''): string =>
  `${what} ${how ? `${how} ` : ''}deleted${minor >= 33 ? ` from ${namespace} namespace` : ''}`

export const remove: Verbs = (verb) => {
  verb('deletes by name, label, file and all at once', async (shell) => {
    const { says, does, file } = shell
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await does(`kubectl create configmap ${name}`, `kubectl label configmap ${name} name=${name}`)
    await says('kubectl delete cm a', deleted(shell, 'configmap "a"'))
    await says('kubectl delete cm/b cm/c', `${deleted(shell, 'configmap "b"')}\n${deleted(shell, 'configmap "c"')}`)
    await says('kubectl delete cm -l name=d', deleted(shell, 'configmap "d"'))
    file('e.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: e }\n')
    await says('kubectl delete -f e.yaml --dry-run=server', /^configmap "e" deleted( from m\d+ namespace)? \(server dry run\)$/)
    await says('kubectl delete -f e.yaml -o name', 'configmap/e')
    await says('kubectl delete -f e.yaml', {
      err: 'Error from server (NotFound): error when deleting "e.yaml": configmaps "e" not found',
      code: 1,
    })
    await says('kubectl delete -f e.yaml --ignore-not-found', '')
    await says('kubectl delete cm a', { err: 'Error from server (NotFound): configmaps "a" not found', code: 1 })
    await says('kubectl delete secret --all', /No resources found|^(secret "default-token-\w+" deleted\n?)*$/)
    await says('kubectl delete cm', {
      err: /^error: resource\(s\) were provided, but no name was specified$|name, label selector, or --all flag/,
      code: 1,
    })
  })

  verb('lets a pod end in its time, hurries it, and forces it', async (shell) => {
    const { says, does } = shell
    for (const name of ['slow', 'now', 'forced']) await does(`kubectl run ${name} --image=nginx:1.25`)
    await does('kubectl wait --for=condition=Ready pod/slow pod/now pod/forced --timeout=30s')
    await says('kubectl delete pod slow', deleted(shell, 'pod "slow"'))
    await says('kubectl delete pod now --now', deleted(shell, 'pod "now"'))
    await says('kubectl delete pod forced --force --grace-period=0', {
      out: shell.minor >= 33 ? `pod "forced" force deleted from ${shell.namespace} namespace` : 'pod "forced" force deleted',
      err: /^[Ww]arning: Immediate deletion does not wait for confirmation that the running resource has been terminated\. The resource may continue to run on the cluster indefinitely\.$/,
    })
    await says('kubectl get pod', { err: /^No resources found/ })
  })

  verb('takes what is owned along, first or afterwards, or leaves it', async (shell) => {
    const { says, does, minor } = shell
    // 1.20 has had the words since that version
    for (const name of ['back', 'fore', 'orphan'])
      await does(`kubectl create deployment ${name} --image=nginx:1.25`, `kubectl rollout status deploy ${name}`)
    await says('kubectl delete deploy back --cascade=background', deleted(shell, 'deployment.apps "back"'))
    await says('kubectl delete deploy fore --cascade=foreground', deleted(shell, 'deployment.apps "fore"'))
    await says('kubectl get rs,pod -l app=fore', { err: /^No resources found/ })
    await says('kubectl delete deploy orphan --cascade=orphan', deleted(shell, 'deployment.apps "orphan"'))
    await says('kubectl get rs -l app=orphan -o name', /^replicaset.apps\/orphan-\w+$/)
    await does('until [ -z "$(kubectl get rs,pod -l app=back -o name)" ]; do :; done')
    void minor
  })

  verb('waits for finalizers, unless told not to', async (shell) => {
    const { says, does, start } = shell
    await does('kubectl create configmap kept', `kubectl patch configmap kept -p '{"metadata":{"finalizers":["example.com/wait"]}}'`)
    await says('kubectl delete cm kept --wait=false', deleted(shell, 'configmap "kept"'))
    await says("kubectl get cm kept -o jsonpath='{.metadata.deletionTimestamp}'", /^\d{4}-/)
    const waiting = start('kubectl delete cm kept')
    await waiting.until(/configmap "kept" deleted/)
    await does(`kubectl patch configmap kept --type=json -p '[{"op":"remove","path":"/metadata/finalizers"}]'`)
    await waiting.ended
    await says('kubectl get cm kept', { err: /not found$/, code: 1 })
  })

  verb('empties a namespace that it deletes', async ({ says, does, namespace }) => {
    const other = `${namespace}-gone`
    await does(`kubectl create namespace ${other}`, `kubectl create deployment web --image=nginx:1.25 -n ${other}`)
    await says(`kubectl delete ns ${other}`, `namespace "${other}" deleted`)
    await says(`kubectl get deploy -n ${other}`, { err: `No resources found in ${other} namespace.` })
    await says('kubectl delete ns default', { err: /namespaces "default" is forbidden: this namespace may not be deleted$/, code: 1 })
  })

  verb(
    'asks before it deletes',
    async (shell) => {
      await shell.does('kubectl create configmap asked')
      await shell.says(
        'kubectl delete cm asked -i',
        {
          out: /^You are about to delete the following 1 resource\(s\):\nconfigmap\/asked\nDo you want to continue\? [[(]y\/N[\])]: ?[^]*deletion is cancelled/i,
        },
        'n\n',
      )
      await shell.says('kubectl get cm asked -o name', 'configmap/asked')
    },
    { since: 28 },
  )
}
