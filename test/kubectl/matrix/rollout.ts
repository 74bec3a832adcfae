/** rollout of each kind that has it, and wait. */
import type { Verbs } from './matrix.ts'

const DAEMONS = `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: "nginx:1.25" }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: base }
spec:
  replicas: 2
  serviceName: base
  selector: { matchLabels: { app: base } }
  template:
    metadata: { labels: { app: base } }
    spec: { containers: [{ name: base, image: "nginx:1.25" }] }
`

export const rollout: Verbs = (verb) => {
  verb('follows a deployment, keeps its history and takes it back', async ({ says, does }) => {
    await does('kubectl create deployment web --image=nginx:1.25 --replicas=2')
    await says('kubectl rollout status deploy/web', /deployment "web" successfully rolled out$/)
    await does(
      'kubectl set image deploy/web nginx=nginx:1.27',
      'kubectl annotate deploy web kubernetes.io/change-cause=newer',
      'kubectl rollout status deploy/web',
    )
    await says('kubectl rollout history deploy/web', /^deployment.apps\/web ?\nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +newer$/)
    await says(
      'kubectl rollout history deploy/web --revision=1',
      /^deployment.apps\/web with revision #1\nPod Template:\n[^]*Image:\s+nginx:1.25\n/,
    )
    await says('kubectl rollout history deploy/web --revision=9', { err: /^error: unable to find the specified revision$/, code: 1 })
    await says('kubectl rollout undo deploy/web', 'deployment.apps/web rolled back')
    await says("kubectl get deploy web -o jsonpath='{.spec.template.spec.containers[0].image}'", 'nginx:1.25')
    await says('kubectl rollout undo deploy/web --to-revision=2', 'deployment.apps/web rolled back')
    await says(
      'kubectl rollout undo deploy/web --to-revision=4',
      /^deployment.apps\/web skipped rollback \(current template already matches revision \d\)$/,
    )
    await says('kubectl rollout undo deploy/web --to-revision=9', { err: /unable to find specified revision 9 in history$/, code: 1 })
    await says('kubectl rollout restart deploy/web', 'deployment.apps/web restarted')
    await says('kubectl rollout status deploy web', /successfully rolled out$/)
  })

  verb('pauses and resumes', async ({ says, does }) => {
    await does('kubectl create deployment web --image=nginx:1.25', 'kubectl rollout status deploy/web')
    await says('kubectl rollout pause deploy/web', 'deployment.apps/web paused')
    await says('kubectl rollout pause deploy/web', { err: /deployments.apps "web" is already paused$/, code: 1 })
    await says('kubectl set image deploy/web nginx=nginx:1.27', 'deployment.apps/web image updated')
    await says('kubectl rollout restart deploy/web', { err: /can't restart paused deployment \(run rollout resume first\)$/, code: 1 })
    await says("kubectl get rs -o jsonpath='{.items[*].spec.template.spec.containers[0].image}'", 'nginx:1.25')
    await says('kubectl rollout resume deploy/web', 'deployment.apps/web resumed')
    await says('kubectl rollout status deploy/web', /successfully rolled out$/)
    await says("kubectl get rs -o jsonpath='{.items[*].spec.template.spec.containers[0].image}'", /nginx:1.27/)
  })

  verb('says that a rollout does not get on', async ({ says, does }) => {
    await does('kubectl create deployment bad --image=nope/nope')
    await says('kubectl rollout status deploy/bad --timeout=1s', {
      out: /^Waiting for deployment "bad" rollout to finish: 0 of 1 updated replicas are available...$/,
      err: 'error: timed out waiting for the condition',
      code: 1,
    })
    await does(`kubectl patch deploy bad -p '{"spec":{"progressDeadlineSeconds":2}}'`)
    await says('kubectl rollout status deploy/bad', {
      out: /^(Waiting [^]*)?$/,
      err: 'error: deployment "bad" exceeded its progress deadline',
      code: 1,
    })
  })

  verb('rolls out daemon sets and stateful sets', async ({ says, file, does }) => {
    file('sets.yaml', DAEMONS)
    await does('kubectl apply -f sets.yaml')
    await says('kubectl rollout status ds/agent', /daemon set "agent" successfully rolled out$/)
    await says(
      'kubectl rollout status sts/base',
      /^([^]*\n)?(partitioned roll out complete: 2 new pods have been updated...|statefulset rolling update complete 2 pods at revision base-\w+...)$/,
    )
    await does('kubectl set image ds/agent agent=nginx:1.27', 'kubectl set image sts/base base=nginx:1.27')
    await says('kubectl rollout status ds/agent', /successfully rolled out$/)
    await says('kubectl rollout status sts/base', /rolling update complete 2 pods at revision base-\w+...$|partitioned roll out complete/)
    await says('kubectl rollout history ds/agent', /^daemonset.apps\/agent ?\nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>$/)
    await says('kubectl rollout history sts/base', /^statefulset.apps\/base ?\nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +<none>$/)
    await says('kubectl rollout undo ds/agent', 'daemonset.apps/agent rolled back')
    await says('kubectl rollout undo sts/base', 'statefulset.apps/base rolled back')
    await says("kubectl get ds,sts -o jsonpath='{.items[*].spec.template.spec.containers[0].image}'", 'nginx:1.25 nginx:1.25')
    await says('kubectl get pod -l app=base -o name', /^pod\/base-0\npod\/base-1$/)
  })

  verb('waits for conditions, for deletion, and not for ever', async ({ says, does }) => {
    await does('kubectl run p --image=nginx:1.25')
    await says('kubectl wait --for=condition=Ready pod/p --timeout=30s', 'pod/p condition met')
    await says('kubectl wait --for=condition=Ready=false pod/p --timeout=1s', {
      err: /^error: timed out waiting for the condition on pods\/p$/,
      code: 1,
    })
    await says('kubectl wait --for=condition=Ready pod/nope --timeout=1s', { err: /pods "nope" not found$/, code: 1 })
    await says('kubectl wait --for=condition=Ready pod -l run=p --timeout=30s', 'pod/p condition met')
    // a process that does not hear SIGTERM has its whole grace, in which somebody can begin to wait
    await does('kubectl run deaf --image=busybox --command -- sleep 1000', 'kubectl wait --for=condition=Ready pod/deaf --timeout=30s')
    await does('kubectl delete pod deaf --grace-period=100 --wait=false')
    await says('kubectl wait --for=delete pod/deaf --timeout=30s', 'pod/deaf condition met')
  })

  verb(
    'waits for a value',
    async ({ says, does }) => {
      await does('kubectl create deployment web --image=nginx:1.25 --replicas=2')
      await says("kubectl wait --for=jsonpath='{.status.readyReplicas}'=2 deploy/web --timeout=30s", 'deployment.apps/web condition met')
    },
    { since: 23 },
  )

  verb(
    'waits until something is there',
    async ({ start, does }) => {
      const waiting = start('kubectl wait --for=create configmap/late --timeout=30s')
      await does('kubectl create configmap late')
      await waiting.until(/^configmap\/late condition met$/m)
    },
    { since: 31 },
  )
}
