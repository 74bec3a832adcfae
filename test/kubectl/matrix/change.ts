/** patch, label, annotate, set, scale, autoscale, expose. */
import type { Shell } from './shell.ts'
import type { Verbs } from './matrix.ts'

const web = ({ does }: Shell): Promise<void> => does('kubectl create deployment web --image=nginx:1.25')

export const change: Verbs = (verb) => {
  verb('patches by strategic merge, merge and JSON patch, and a subresource', async (shell) => {
    const { says, does, minor } = shell
    await web(shell)
    const read = (path: string): string => `kubectl get deploy web -o jsonpath='{${path}}'`
    await says(
      `kubectl patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox","command":["sleep","1000"]}]}}}}'`,
      'deployment.apps/web patched',
    )
    await says(read('.spec.template.spec.containers[*].name'), /^(side nginx|nginx side)$/)
    await says(
      `kubectl patch deploy web --type=merge -p '{"spec":{"template":{"spec":{"containers":[{"name":"nginx","image":"nginx:1.27"}]}}}}'`,
      'deployment.apps/web patched',
    )
    await says(read('.spec.template.spec.containers[*].image'), 'nginx:1.27')
    await says(
      `kubectl patch deploy web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":2}]'`,
      'deployment.apps/web patched',
    )
    await says(read('.spec.replicas'), '2')
    // lab time that runs ahead of this machine's moves every creation time that kubectl compares: it may see a change
    await does('kubectl create configmap same --from-literal=a=b')
    await says(`kubectl patch cm same -p '{"data":{"a":"b"}}'`, /^configmap\/same patched( \(no change\))?$/)
    await says(`kubectl patch deploy web --type=json -p '[{"op":"test","path":"/spec/replicas","value":7}]'`, {
      err: /^The request is invalid/,
      code: 1,
    })
    await says(`kubectl patch deploy web -p '{"spec":{"replicas":-1}}'`, {
      err: 'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      code: 1,
    })
    await says(
      `kubectl patch deploy web -p '{"metadata":{"labels":{"dry":"run"}}}' --dry-run=server -o jsonpath='{.metadata.labels.dry}'`,
      'run',
    )
    await says(`kubectl patch deploy nope -p '{}'`, { err: /deployments.apps "nope" not found$/, code: 1 })
    if (minor >= 24) {
      await says(
        `kubectl patch deploy web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}'`,
        /^(deployment.apps|scale.autoscaling)\/web patched$/,
      )
      await says(read('.spec.replicas'), '1')
    }
  })

  verb('labels and annotates', async (shell) => {
    const { says, minor } = shell
    await web(shell)
    await says('kubectl label deploy web tier=front', 'deployment.apps/web labeled')
    // saying the same again is nothing new, or too much, as kubectl's version sees it
    await says(
      'kubectl label deploy web tier=front',
      minor < 22 ? { err: /--overwrite is false$/, code: 1 } : 'deployment.apps/web not labeled',
    )
    await says('kubectl label deploy web tier=back', {
      err: /^error: 'tier' already has a value \(front\), and --overwrite is false$/,
      code: 1,
    })
    await says('kubectl label deploy web tier=back --overwrite', 'deployment.apps/web labeled')
    await says('kubectl label deploy -l tier=back more=1', 'deployment.apps/web labeled')
    await says("kubectl get deploy web -o jsonpath='{.metadata.labels}'", '{"app":"web","more":"1","tier":"back"}')
    await says('kubectl label deploy web tier-', /^deployment.apps\/web (un)?labeled$/)
    await says('kubectl label deploy web bad=a/b', {
      err: /^The Deployment "web" is invalid: metadata.labels: Invalid value: "a\/b": |^error: invalid label value: "bad=a\/b": /,
      code: 1,
    })
    await says('kubectl annotate deploy web note=hello', 'deployment.apps/web annotated')
    await says('kubectl annotate deploy web note=x', { err: /--overwrite is false/, code: 1 })
    await says('kubectl annotate deploy web note-', 'deployment.apps/web annotated')
    await says("kubectl get deploy web -o jsonpath='{.metadata.annotations.note}'", '')
  })

  verb('sets images, environment, resources, selectors and accounts', async (shell) => {
    const { says, does } = shell
    await web(shell)
    await does(
      'kubectl create configmap c --from-literal=KEY=1',
      'kubectl expose deploy web --port=80',
      'kubectl create serviceaccount robot',
      'kubectl create rolebinding b --clusterrole=view --user=u',
    )
    await says('kubectl set image deploy/web nginx=nginx:1.27', 'deployment.apps/web image updated')
    await says('kubectl set image deploy/web nope=nginx:1.27', { err: /unable to find container named "nope"/, code: 1 })
    await says('kubectl set env deploy/web A=1 B=2', 'deployment.apps/web env updated')
    await says('kubectl set env deploy/web --list', /^# (deployments\/web|Deployment web), container nginx\nA=1\nB=2$/)
    await says('kubectl set env deploy/web A- --from=configmap/c', 'deployment.apps/web env updated')
    await says(
      'kubectl set resources deploy/web --limits=cpu=200m,memory=64Mi --requests=cpu=100m',
      'deployment.apps/web resource requirements updated',
    )
    await says('kubectl set serviceaccount deploy/web robot', 'deployment.apps/web serviceaccount updated')
    await says('kubectl set selector svc/web app=other', 'service/web selector updated')
    await says('kubectl set subject rolebinding/b --user=anna', 'rolebinding.rbac.authorization.k8s.io/b subjects updated')
    await says(
      "kubectl get deploy web -o jsonpath='{.spec.template.spec.serviceAccountName} {.spec.template.spec.containers[0].env[*].name} {.spec.template.spec.containers[0].resources}'",
      'robot B KEY {"limits":{"cpu":"200m","memory":"64Mi"},"requests":{"cpu":"100m"}}',
    )
  })

  verb('scales, with preconditions', async (shell) => {
    const { says, does } = shell
    await web(shell)
    await says('kubectl scale deploy/web --replicas=3', 'deployment.apps/web scaled')
    await says('kubectl scale deploy web --current-replicas=1 --replicas=2', { err: /^error: Expected replicas to be 1, was 3$/, code: 1 })
    await says('kubectl scale deploy web --current-replicas=3 --replicas=2', 'deployment.apps/web scaled')
    await says('kubectl scale deploy --all --replicas=1', 'deployment.apps/web scaled')
    await does('kubectl rollout status deploy web')
    await says("kubectl get rs -o jsonpath='{.items[0].spec.replicas}'", '1')
    await says('kubectl scale deploy web --replicas=-1', {
      err: /^error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0$/,
      code: 1,
    })
  })

  verb('autoscales, without metrics to go by', async (shell) => {
    const { says } = shell
    await web(shell)
    await says('kubectl autoscale deploy web --min=1 --max=3 --cpu-percent=80', {
      out: 'horizontalpodautoscaler.autoscaling/web autoscaled',
      err: /^$|^Flag --cpu-percent has been deprecated/,
    })
    await says('kubectl get hpa web --no-headers', /^web +Deployment\/web +(cpu: )?<unknown>\/80% +1 +3 /)
  })

  verb('exposes pods, deployments and services, as a service of each type', async (shell) => {
    const { says, does } = shell
    await web(shell)
    await does('kubectl run p --image=nginx:1.25 --port=80')
    await says('kubectl expose deploy web --port=80 --type=NodePort', 'service/web exposed')
    await says('kubectl expose pod p --name=pod-svc --target-port=80 --port=8080', 'service/pod-svc exposed')
    await says('kubectl expose svc web --name=again --port=81 --target-port=80 --type=LoadBalancer', 'service/again exposed')
    await says('kubectl expose deploy web --port=80', { err: /services "web" already exists$/, code: 1 })
    await says('kubectl expose deploy web --name=x', {
      err: /^error: couldn't find port via --port flag or introspection(\nSee |$)/,
      code: 1,
    })
    await says(
      "kubectl get svc -o jsonpath='{range .items[*]}{.metadata.name}:{.spec.type}:{.spec.ports[0].port}:{.spec.ports[0].targetPort} {end}'",
      'again:LoadBalancer:81:80 pod-svc:ClusterIP:8080:80 web:NodePort:80:80 ',
    )
  })
}
