import { describe, expect, it } from 'vitest'
import type { HttpResponse } from '../../../../../server/lab/machinery/http.ts'
import { startContainer, type TestContainer } from '../container.ts'

const idle = { command: ['sleep', 'infinity'] }

function get(container: TestContainer, path = '/', method = 'GET', headers: Record<string, string> = {}): HttpResponse {
  const listener = container.listeners.get(80)
  if (!listener) throw new Error('nobody listens at port 80')
  return listener.handle({ method, path, headers: { host: 'web', 'user-agent': 'curl/8.0', ...headers }, body: '', from: '172.16.2.2' })
}

describe('nginx of Docker Hub', () => {
  it('says in its log what it does when it starts, answers and ends', () => {
    const nginx = startContainer('nginx:1.27')
    expect(nginx.output()).toMatch(
      /^\/docker-entrypoint\.sh: \/docker-entrypoint\.d\/ is not empty[^]*Enabled listen on IPv6[^]*Configuration complete; ready for start up\n\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[notice\] 1#1: using the "epoll" event method\n[^]*nginx\/1\.27\.5\n[^]*start worker process 29\n/,
    )
    get(nginx)
    get(nginx, '/nope')
    expect(nginx.output()).toMatch(/172\.16\.2\.2 - - \[[^\]]+\] "GET \/ HTTP\/1\.1" 200 615 "-" "curl\/8\.0" "-"\n/)
    expect(nginx.output()).toMatch(
      /\[error\] 29#29: \*2 open\(\) "\/usr\/share\/nginx\/html\/nope" failed \(2: No such file or directory\), client: 172\.16\.2\.2/,
    )
    nginx.running.terminate()
    nginx.clock.forward(100)
    expect(nginx.output()).toMatch(/signal 3 \(SIGQUIT\) received, shutting down\n[^]*\[notice\] 1#1: exit\n$/)
    expect(nginx.code()).toBe(0)
  })

  it('answers with the headers of a real one, in their order', () => {
    const { status, headers, body } = get(startContainer('nginx:1.27'))
    expect(status).toBe(200)
    expect(Object.keys(headers)).toEqual([
      'Server',
      'Date',
      'Content-Type',
      'Content-Length',
      'Last-Modified',
      'Connection',
      'ETag',
      'Accept-Ranges',
    ])
    expect(headers).toMatchObject({ Server: 'nginx/1.27.5', 'Content-Length': '615', ETag: '"67ff9c07-267"' })
    expect(body).toContain('<h1>Welcome to nginx!</h1>')
    expect(get(startContainer('nginx')).headers['Content-Length']).toBe('896')
  })

  it('has its own pages for errors, 153 bytes for what is not there, and knows what a client has already', () => {
    const nginx = startContainer('nginx:1.27')
    expect(get(nginx, '/nope')).toMatchObject({
      status: 404,
      headers: { 'Content-Length': '153' },
      body: expect.stringContaining('<hr><center>nginx/1.27.5</center>\r\n'),
    })
    expect(get(nginx, '/', 'DELETE')).toMatchObject({ status: 405, reason: 'Not Allowed' })
    expect(get(nginx, '/', 'GET', { 'if-none-match': '"67ff9c07-267"' })).toMatchObject({ status: 304, body: '' })
    expect(get(nginx, '/', 'HEAD').body).toBe('')
  })

  it('serves what somebody writes into its folder, and reads its configuration again when told to', () => {
    const nginx = startContainer('nginx:1.27')
    nginx.exec(['sh', '-c', 'echo hello > /usr/share/nginx/html/index.html'])
    expect(get(nginx).body).toBe('hello\n')
    nginx.exec([
      'sh',
      '-c',
      'echo "server { listen 80; location / { return 200 \\"I am \\$hostname\\\\n\\"; } }" > /etc/nginx/conf.d/default.conf',
    ])
    expect(get(nginx).body).toBe('hello\n')
    expect(nginx.exec(['nginx', '-t']).stderr).toMatch(/syntax is ok\n.*test is successful\n$/)
    nginx.exec(['nginx', '-s', 'reload'])
    expect(get(nginx).body).toBe('I am pod\n')
  })

  it('does not start with a configuration that it does not understand, and names what the lab does not do', () => {
    const conf = '/etc/nginx/conf.d/default.conf'
    const bad = startContainer('nginx:1.27', { files: { [conf]: 'server {\n  listne 80;\n}\n' } })
    expect(bad.output()).toMatch(/nginx: \[emerg\] unknown directive "listne" in \/etc\/nginx\/conf\.d\/default\.conf:2\n$/)
    expect(bad.code()).toBe(1)
    const proxy = startContainer('nginx:1.27', { files: { [conf]: 'server { location / { proxy_pass http://a; } }' } })
    expect(proxy.output()).toContain(`the lab's nginx does not do "proxy_pass"`)
  })

  it('has what its Debian has, and nothing else', () => {
    const nginx = startContainer('nginx:1.27')
    expect(nginx.exec(['nginx', '-v'])).toMatchObject({ stderr: 'nginx version: nginx/1.27.5\n', code: 0 })
    for (const name of ['ps', 'ping', 'wget', 'nslookup', 'vi'])
      expect(nginx.exec([name]).code).toMatch(`exec: "${name}": executable file not found in $PATH`)
    expect(nginx.exec(['bash', '-c', 'nope; for i in {1..3}; do echo $i; done']).stdout).toBe('1\n2\n3\n')
    expect(nginx.exec(['sh', '-c', 'nope']).stderr).toBe('sh: 1: nope: not found\n')
    expect(nginx.exec(['bash', '-c', 'nope']).stderr).toBe('bash: line 1: nope: command not found\n')
    expect(nginx.exec(['cat', '/nope']).stderr).toBe('cat: /nope: No such file or directory\n')
  })

  it('runs another command by its entry point', () => {
    const nginx = startContainer('nginx:1.27', { args: ['sh', '-c', 'echo $0 $NGINX_VERSION'] })
    expect(nginx.output()).toBe('sh 1.27.5\n')
  })
})

describe('other images of Docker Hub', () => {
  it('httpd says that it works', () => {
    const httpd = startContainer('httpd')
    expect(get(httpd).body).toContain('<p>It works!</p>')
    expect(get(httpd, '/nope').status).toBe(404)
    expect(httpd.output()).toMatch(/AH00558[^]*AH00489: Apache[^]*"GET \/ HTTP\/1\.1" 200 191\n/)
  })

  it('busybox has no entry point: arguments alone are a command', () => {
    expect(startContainer('busybox', { args: ['echo', 'hi'] }).output()).toBe('hi\n')
    expect(startContainer('busybox').code()).toBe(0)
    expect(() => startContainer('busybox', { args: ['-c', 'true'] })).toThrow('exec: "-c": executable file not found in $PATH')
  })

  it('echo-hname is an nginx that answers the name of its pod', () => {
    const { headers, body } = get(startContainer('sysnet4admin/echo-hname'))
    expect(body).toBe('pod\n')
    expect(headers).toMatchObject({ Server: 'nginx/1.26.0', 'Content-Type': 'text/html' })
  })

  it('curl takes options alone, runs as its own user, and tells what went wrong', () => {
    const options = {
      names: { web: '10.96.1.1' },
      answer: () => ({ outcome: 'answered', response: { status: 200, headers: {}, body: 'hello\n' }, pod: 'web' }) as const,
    }
    expect(startContainer('curlimages/curl', { ...options, args: ['-s', 'http://web'] }).output()).toBe('hello\n')
    const lost = startContainer('curlimages/curl', { args: ['-sS', 'http://nope'] })
    expect(lost.output()).toBe('curl: (6) Could not resolve host: nope\n')
    expect(lost.code()).toBe(6)
    expect(startContainer('curlimages/curl', { args: ['id'] }).output()).toBe(
      'uid=100(curl_user) gid=101(curl_group) groups=101(curl_group)\n',
    )
  })

  it('are not found by a tag that Docker Hub does not have', () => {
    for (const image of ['nginx:1.99', 'busybox:2', 'alpine:edgy']) expect(() => startContainer(image)).toThrow('no image')
  })
})

describe('the registry of the real cluster that the lab is compared with', () => {
  it('has a busybox that starts its shell, and an nginx that echoes', () => {
    expect(startContainer('busybox', { registry: 'comparison', args: ['-c', 'echo hi'] }).output()).toBe('hi\n')
    expect(get(startContainer('nginx', { registry: 'comparison' })).body).toBe('pod\n')
    expect(() => startContainer('httpd', { registry: 'comparison' })).toThrow('no image')
    const box = startContainer('busybox', { registry: 'comparison', command: ['sleep', 'infinity'] })
    expect(box.exec(['sh', '-c', 'busybox id; busybox ls -l / | busybox grep bin; echo ~; busybox ls /tmp']).stdout).toBe(
      'uid=0 gid=0 groups=0\ndrwxr-xr-x    2 0        0             4096 Jan  1  1970 bin\n/\n',
    )
  })
})

describe('the small Linux of a container', () => {
  it('runs as whom the security context says, and keeps a read-only root', () => {
    expect(startContainer('busybox', { ...idle, securityContext: { runAsUser: 1000 } }).exec(['id']).stdout).toBe(
      'uid=1000 gid=0(root) groups=0(root)\n',
    )
    expect(startContainer('busybox', { ...idle, securityContext: { readOnlyRootFilesystem: true } }).exec(['touch', '/x']).stderr).toBe(
      'touch: /x: Read-only file system\n',
    )
  })

  it('lets who is not root write only what is theirs or everybody’s', () => {
    const box = startContainer('busybox', { ...idle, securityContext: { runAsUser: 1000 } })
    expect(box.exec(['touch', '/x']).stderr).toBe('touch: /x: Permission denied\n')
    expect(box.exec(['sh', '-c', 'echo x >> /etc/passwd']).code).not.toBe(0)
    expect(box.exec(['rm', '-f', '/etc/passwd']).stderr).toContain('Permission denied')
    expect(box.exec(['sh', '-c', 'mkdir /tmp/d && echo y > /tmp/d/f && cat /tmp/d/f && rm -r /tmp/d']).stdout).toBe('y\n')
    expect(startContainer('curlimages/curl', { command: ['sleep', '9'] }).exec(['sh', '-c', 'echo z > ~/f && cat ~/f']).stdout).toBe('z\n')
  })

  it('says of what is no process number that it is none', () => {
    expect(startContainer('busybox', idle).exec(['sh', '-c', 'kill -9 x']).stderr).toBe("sh: invalid number 'x'\n")
  })

  it('has processes with pipes between them that wait for one another', () => {
    const box = startContainer('busybox', idle)
    expect(box.exec(['sh', '-c', 'yes | head -n 2; echo ${?}']).stdout).toBe('y\ny\n0\n')
    expect(box.exec(['sh', '-c', 'cat /proc/1/cmdline | tr "\\0" " "']).stdout).toBe('sleep infinity ')
    expect(box.exec(['ps']).stdout).toMatch(/^PID   USER     TIME  COMMAND\n {4}1 root      0:00 sleep infinity\n/)
  })

  it('packs and unpacks archives without loss', () => {
    const box = startContainer('busybox', idle)
    box.exec(['sh', '-c', 'mkdir -p /a/b; printf "\\0\\377x" > /a/b/c; ln -s c /a/b/d; echo 한글 > /a/e'])
    expect(
      box.exec([
        'sh',
        '-c',
        'tar cf - -C /a . | (mkdir /z; tar xf - -C /z); cmp=$(md5sum < /a/b/c); [ "$cmp" = "$(md5sum < /z/b/c)" ] && cat /z/e && ls /z/b',
      ]).stdout,
    ).toBe('한글\nc\nd\n')
  })
})

describe('the folders and the environment of an image', () => {
  const nginx =
    'bin boot dev docker-entrypoint.d docker-entrypoint.sh etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var'
  it.each([
    ['nginx', nginx],
    ['alpine', 'bin dev etc home lib media mnt opt proc root run sbin srv sys tmp usr var'],
    ['busybox', 'bin dev etc home lib lib64 proc root sys tmp usr var'],
  ])('are those of %s', (image, folders) => {
    const box = startContainer(image, { command: ['sleep', '100'] })
    expect(box.exec(['ls', '/']).stdout).toBe(folders.replaceAll(' ', '\n') + '\n')
    expect(box.exec(['sh', '-c', 'env']).stdout).toContain('PWD=/\n')
  })
})

describe('busybox of the cluster that the lab is compared with', () => {
  it('has a wget that dies of time-outs, which it was built without', () => {
    const box = startContainer('busybox', { registry: 'comparison', command: ['sleep', '100'], answer: () => ({ outcome: 'refused' }) })
    expect(box.exec(['wget', '-qO-', '-T', '2', 'http://127.0.0.1'])).toMatchObject({ code: 139, stdout: '', stderr: '' })
    expect(box.exec(['wget', '-qO-', 'http://127.0.0.1'])).toMatchObject({ code: 1 })
    expect(box.exec(['wget']).stderr).not.toContain('-T')
  })

  it('has a shell that tells its children where it is', () => {
    const box = startContainer('busybox', { registry: 'comparison', command: ['sleep', '100'] })
    expect(box.exec(['sh', '-c', 'env']).stdout).toContain('PWD=/\n')
  })
})
