/** logs, exec, attach, run with a terminal, cp, port-forward, debug, top. */
import { expect } from 'vitest'
import type { Verbs } from './matrix.ts'

/** kubectl run prints these where it joins a container. */
const JOINED =
  /^(All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.\n)?If you don't see a command prompt, try pressing enter.$/

export const pods: Verbs = (verb) => {
  verb('logs what a container wrote, and follows it', async ({ says, does, start }) => {
    await does('kubectl create deployment web --image=nginx:1.25', 'kubectl rollout status deployment web')
    await does(
      'kubectl run talker --image=busybox --command -- sh -c "echo one; echo two; sleep 1000"',
      'kubectl wait --for=condition=Ready pod/talker --timeout=30s',
    )
    await says('kubectl logs talker', 'one\ntwo')
    await says('kubectl logs talker --tail=1', 'two')
    await says('kubectl logs talker -c talker --limit-bytes=3', 'one')
    await says('kubectl logs talker --timestamps', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z one\n\S+ two$/)
    await says('kubectl logs talker --since=1h --prefix', '[pod/talker/talker] one\n[pod/talker/talker] two')
    await says('kubectl logs -l run=talker --all-containers', 'one\ntwo')
    await says('kubectl logs talker -c nope', { err: /container nope is not valid for pod talker$/, code: 1 })
    await says('kubectl logs nope', { err: /^(error: error from server|Error from server) \(NotFound\): pods "nope" not found/, code: 1 })
    await says('kubectl logs talker --previous', { err: /previous terminated container "talker" in pod "talker" not found$/, code: 1 })
    const follow = start('kubectl logs -f deploy/web')
    await does(
      'kubectl run caller --image=busybox --restart=Never --command -- wget -qO- -T 5 http://$(kubectl get pod -l app=web -o jsonpath={.items[0].status.podIP})',
    )
    await follow.until(/GET/)
  })

  verb('logs the run before this one with --previous', async ({ says, does }) => {
    // of the runs before a run the last one alone is kept: the second lasts, so that no third comes between
    const spec = {
      containers: [
        {
          name: 'crash',
          image: 'busybox',
          command: ['sh', '-c', 'if [ -e /m/x ]; then sleep 10000; fi; touch /m/x; echo gone; exit 1'],
          volumeMounts: [{ name: 'm', mountPath: '/m' }],
        },
      ],
      volumes: [{ name: 'm', emptyDir: {} }],
    }
    const state = '{.status.containerStatuses[0].restartCount}{.status.containerStatuses[0].state}'
    await does(
      `kubectl run crash --image=busybox --overrides='${JSON.stringify({ spec })}'`,
      `until kubectl get pod crash -o jsonpath='${state}' | grep '^1.*running'; do :; done`,
    )
    await says('kubectl logs crash --previous', 'gone')
  })

  verb('runs commands in a container: output, errors, exit codes, input', async ({ says, does }) => {
    await does('kubectl run box --image=busybox --command -- sleep 1000', 'kubectl wait --for=condition=Ready pod/box --timeout=30s')
    await says('kubectl exec box -- echo hi', 'hi')
    await says('kubectl exec box -c box -- sh -c "exit 7"', { err: 'command terminated with exit code 7', code: 7 })
    await says('kubectl exec -i box -- cat', 'over the wire', 'over the wire')
    await says('kubectl exec -i box -- sh', 'one\ntwo', 'echo one\necho two\n')
    await says('kubectl exec box -- nope', { err: /exec: "nope": executable file not found in \$PATH/, code: 1 })
    await says('kubectl exec nope -- true', { err: /pods "nope" not found$/, code: 1 })
    await says('kubectl exec box -c nope -- true', {
      err: /container nope is not valid for pod box|container not found|nope not found/,
      code: 1,
    })
  })

  verb('gives a shell on a terminal', async ({ start, does }) => {
    await does('kubectl run box --image=busybox --command -- sleep 1000', 'kubectl wait --for=condition=Ready pod/box --timeout=30s')
    const shell = start("script -qec 'kubectl exec -it box -- sh' /dev/null")
    await shell.until(/\/ # $/)
    shell.write('echo typed\r')
    await shell.until(/echo typed\r\ntyped\r\n\/ # $/)
    shell.write('exit 3\r')
    await shell.until(/command terminated with exit code 3/)
    expect((await shell.ended).code).toBe(3)
  })

  verb('runs a pod for one command and removes it', async ({ says, does }) => {
    await does(
      'kubectl create deployment web --image=sysnet4admin/echo-hname',
      'kubectl expose deployment web --port=80',
      'kubectl rollout status deployment web',
    )
    await says('kubectl run once --rm -i --restart=Never --image=busybox --command -- sh -c "sleep 30; wget -qO- http://web"', {
      out: /^web-\S+\npod "once" deleted( from m\d+ namespace)?$/,
      err: JOINED,
    })
    await says('kubectl run bad --rm -i --restart=Never --image=busybox --command -- sh -c "sleep 30; exit 3"', {
      out: /^pod "bad" deleted( from m\d+ namespace)?$/,
      err: /pod m\d+\/bad terminated \(Error\)$/,
      code: 3,
    })
    await says(
      'kubectl run typed --rm -i --restart=Never --image=busybox',
      { out: /^hello\npod "typed" deleted/, err: JOINED },
      'sleep 40\necho hello\n',
    )
    await does('until [ -z "$(kubectl get pod -l run -o name)" ]; do :; done')
  })

  verb('runs a pod with a shell on a terminal, as people do', async ({ start }) => {
    const shell = start("script -qec 'kubectl run -it --rm tmp --restart=Never --image=busybox' /dev/null")
    await shell.until(/try pressing enter/)
    shell.write('\r')
    await shell.until(/\/ # $/)
    shell.write('echo typed\r')
    await shell.until(/echo typed\r\ntyped\r\n\/ # $/)
    shell.write('\u0004')
    const { stdout, code } = await shell.ended
    expect(stdout).toMatch(/pod "tmp" deleted( from m\d+ namespace)?\r\n$/)
    expect(code).toBe(0)
  })

  verb('attaches to what runs', async ({ says, start, does, run }) => {
    await does(
      'kubectl run shell --image=busybox --stdin --command -- sh',
      'kubectl create deployment web --image=nginx:1.25',
      'kubectl wait --for=condition=Ready pod/shell --timeout=30s',
      'kubectl rollout status deployment web',
    )
    const reader = start('kubectl attach shell')
    const writer = start('kubectl attach -i shell')
    // who joins hears nothing of what was said before: say it until both have heard it
    const heard = Promise.all([reader.until(/^to both$/m), writer.until(/^to both$/m)]).then(() => true)
    while (!(await Promise.race([heard, run('true').then(() => false)]))) writer.write('echo to both\n')
    writer.closeStdin()
    expect((await writer.ended).code).toBe(0)
    expect((await reader.ended).code).toBe(0)
    await says('kubectl attach nope', { err: 'Error from server (NotFound): pods "nope" not found', code: 1 })
    await says('kubectl attach shell -c nope', {
      err: /^error: cannot attach to the container: container (nope not found in pod shell|not found \(nope\))$/,
      code: 1,
    })
  })

  verb('forwards a port to a pod, of itself or behind a service or a deployment', async ({ does, start, run, says }) => {
    await does(
      'kubectl create deployment web --image=sysnet4admin/echo-hname',
      'kubectl expose deployment web --port=8080 --target-port=80',
      'kubectl rollout status deployment web',
    )
    const ask = async (target: string): Promise<string> => {
      const forward = start(`kubectl port-forward ${target} --address 127.0.0.1`)
      const [, port] = /127\.0\.0\.1:(\d+) -> 80/.exec(await forward.until(/-> 80\n/)) as RegExpExecArray
      const { stdout } = await run(`curl -s --noproxy '*' http://127.0.0.1:${port}/ http://127.0.0.1:${port}/again`)
      await forward.until(/Handling connection for/)
      await forward.interrupt()
      return stdout
    }
    const { stdout: pod } = await run("kubectl get pod -l app=web -o jsonpath='{.items[0].metadata.name}'")
    for (const target of [`${pod} :80`, 'deployment/web :80', 'service/web :8080'])
      expect(await ask(target), target).toBe(`${pod}\n${pod}\n`)
    await says('kubectl port-forward service/web :81', { err: /^error: Service web does not have a service port 81$/, code: 1 })
    await says('kubectl port-forward nope :80', { err: 'Error from server (NotFound): pods "nope" not found', code: 1 })
    const closed = start(`kubectl port-forward ${pod} :81 --address 127.0.0.1`)
    const [, port] = /127\.0\.0\.1:(\d+) ->/.exec(await closed.until(/-> 81\n/)) as RegExpExecArray
    expect((await run(`curl -sS --noproxy '*' http://127.0.0.1:${port}/`)).code).toBe(52)
    expect((await closed.interrupt()).stderr).toMatch(
      /an error occurred forwarding \d+ -> 81: error forwarding port 81 to pod .*[Cc]onnection refused/,
    )
  })

  verb('copies files both ways where the image has a tar, byte by byte', async ({ says, does, file, run }) => {
    await does(
      'kubectl run box --image=busybox --command -- sleep 1000',
      'kubectl run pause --image=registry.k8s.io/pause:3.10.1',
      'kubectl wait --for=condition=Ready pod/box pod/pause --timeout=30s',
    )
    file('local', 'x\n한글\n')
    await does(
      'head -c 5000 /dev/urandom > noise',
      'kubectl cp local box:/tmp/x',
      'kubectl cp noise box:/tmp/noise',
      'kubectl cp box:/tmp/noise back',
    )
    await says('kubectl exec box -- cat /tmp/x', 'x\n한글')
    expect((await run('cmp noise back')).code).toBe(0)
    await says('kubectl cp local pause:/tmp/x', { err: /exec: "tar": executable file not found in \$PATH/, code: 1 })
    await says('kubectl cp missing box:/tmp/x', { err: /missing/, code: 1 })
  })

  verb('asks a service from a pod, by its name, as people do', async ({ says, does }) => {
    await does(
      // a container learns of the services that were there before it
      'kubectl create service clusterip web --tcp=80',
      'kubectl create deployment web --image=nginx:1.27',
      'kubectl rollout status deployment web',
    )
    await says('kubectl exec deploy/web -- curl -s http://web', /<h1>Welcome to nginx!<\/h1>/)
    await says('kubectl exec deploy/web -- curl -s http://nope', { err: 'command terminated with exit code 6', code: 6 })
    await says('kubectl exec deploy/web -- curl http://nope', {
      err: /curl: \(6\) Could not resolve host: nope\ncommand terminated/,
      code: 6,
    })
    await says('kubectl exec deploy/web -- nginx -v', { err: 'nginx version: nginx/1.27.5' })
    await says('kubectl exec deploy/web -- ps', { err: /exec: "ps": executable file not found in \$PATH/, code: 1 })
    await says('kubectl exec deploy/web -- sh -c "echo \\$WEB_SERVICE_PORT \\$HOME"', '80 /root')
    await does('kubectl run box --image=busybox -- sleep 1000', 'kubectl wait --for=condition=Ready pod/box --timeout=30s')
    await says('kubectl exec box -- wget -qO- web', /Welcome to nginx!/)
    await says('kubectl exec box -- wget -qO- nope', { err: /^wget: bad address 'nope'\n/, code: 1 })
    await says('kubectl exec box -- nslookup web', { out: /Name:\tweb\.m\d+\.svc\.cluster\.local\nAddress: 10\./, err: /./, code: 1 })
    await says('kubectl logs deploy/web', /"GET \/ HTTP\/1\.1" 200 615 "-" "Wget" "-"/)
  })

  verb('has no metrics', async ({ says }) => {
    for (const what of ['node', 'pod']) await says(`kubectl top ${what}`, { err: 'error: Metrics API not available', code: 1 })
  })

  verb(
    'debugs a pod with another container',
    async ({ says, does }) => {
      await does('kubectl run box --image=nginx:1.25', 'kubectl wait --for=condition=Ready pod/box --timeout=30s')
      await says('kubectl debug box --image=busybox -c peek -- sh -c "echo peeked"', { err: /^(--profile=legacy is deprecated .*)?$/ })
      await does('until kubectl logs box -c peek 2>/dev/null | grep peeked; do :; done')
      await says('kubectl debug box --image=busybox --copy-to=copy --container=peek -- sleep 1000', {
        err: /^(--profile=legacy is deprecated .*)?$/,
      })
      await says("kubectl get pod copy -o jsonpath='{.spec.containers[*].name}'", 'box peek')
    },
    { since: 25 },
  )
}
