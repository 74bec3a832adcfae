/** What nginx's packages and Docker's scripts put into an image. */
import type { ImageFiles } from '../linux/image-files.ts'
import type { Process, Program } from '../linux/process.ts'
import { runChild } from '../linux/programs/running.ts'
import type { Routine } from '../kernel/routine.ts'
import { nginxProgram } from './nginx-program.ts'

export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [index, part] of b.entries()) if ((a[index] ?? 0) !== part) return (a[index] ?? 0) > part
  return true
}

/** docker-entrypoint.sh: what it says while it prepares the configuration, and then the command. */
function entrypoint(version: string): Program {
  return function* script(process, argv) {
    const words = argv.slice(1)
    if (words[0] === 'nginx' || words[0] === 'nginx-debug') {
      const say = (line: string): Routine<void> => process.out(`${line}\n`)
      const launch = (name: string): Routine<void> => say(`/docker-entrypoint.sh: Launching /docker-entrypoint.d/${name}`)
      yield* say('/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration')
      yield* say('/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/')
      yield* launch('10-listen-on-ipv6-by-default.sh')
      yield* say(`10-listen-on-ipv6-by-default.sh: info: ${listenOnIpv6(process)}`)
      if (isAtLeast(version, '1.25')) yield* say('/docker-entrypoint.sh: Sourcing /docker-entrypoint.d/15-local-resolvers.envsh')
      yield* launch('20-envsubst-on-templates.sh')
      if (isAtLeast(version, '1.19.7')) yield* launch('30-tune-worker-processes.sh')
      yield* say('/docker-entrypoint.sh: Configuration complete; ready for start up')
      process.machine.skipPids(29)
    }
    process.argv = words
    const found = process.machine.findProgram(words[0] ?? '', process.env.get('PATH') ?? '', process.cwd)
    const program = found && process.machine.programOf(found.entry)
    if (program) return yield* program(process, words)
    if (found) return yield* runChild(process, words)
    yield* process.write(
      2,
      `/docker-entrypoint.sh: ${process.machine.image.userland.busybox ? 'exec: line 47' : '47: exec'}: ${words[0]}: not found\n`,
    )
    return 127
  }
}

const CONF = '/etc/nginx/conf.d/default.conf'

function listenOnIpv6({ machine }: Process): string {
  const place = machine.files.find(CONF)
  if (place?.kind !== 'file') return `${CONF} is not a file or does not exist`
  const text = machine.files.read(CONF)
  if (machine.files.locate(CONF).readOnly) return `can not modify ${CONF} (read-only file system?)`
  if (text !== DEFAULT_CONF)
    return text.includes('listen  [::]:80;')
      ? 'IPv6 listen already enabled'
      : `Getting the checksum of ${CONF}\n10-listen-on-ipv6-by-default.sh: info: ${CONF} differs from the packaged version`
  place.text = text.replace('listen       80;', 'listen       80;\n    listen  [::]:80;')
  return `Getting the checksum of ${CONF}\n10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in ${CONF}`
}

const NGINX_CONF = `
user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;


events {
    worker_connections  1024;
}


http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;

    log_format  main  '$remote_addr - $remote_user [$time_local] "$request" '
                      '$status $body_bytes_sent "$http_referer" '
                      '"$http_user_agent" "$http_x_forwarded_for"';

    access_log  /var/log/nginx/access.log  main;

    sendfile        on;
    #tcp_nopush     on;

    keepalive_timeout  65;

    #gzip  on;

    include /etc/nginx/conf.d/*.conf;
}
`

const DEFAULT_CONF = `server {
    listen       80;
    server_name  localhost;

    #access_log  /var/log/nginx/host.access.log  main;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    #error_page  404              /404.html;

    # redirect server error pages to the static page /50x.html
    #
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`

const MIME_TYPES = `
types {
    text/html                                        html htm shtml;
    text/css                                         css;
    text/xml                                         xml;
    image/gif                                        gif;
    image/jpeg                                       jpeg jpg;
    application/javascript                           js;
    text/plain                                       txt;
    image/png                                        png;
    image/svg+xml                                    svg svgz;
    image/webp                                       webp;
    image/x-icon                                     ico;
    font/woff                                        woff;
    font/woff2                                       woff2;
    application/json                                 json;
    application/pdf                                  pdf;
    application/zip                                  zip;
    application/octet-stream                         bin exe dll;
}
`

const STYLE = `<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>`

const OLD_STYLE = `<style>
    body {
        width: 35em;
        margin: 0 auto;
        font-family: Tahoma, Verdana, Arial, sans-serif;
    }
</style>`

const SHORT_TEXT = `<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>`

const LONG_TEXT = `<p>If you see this page, nginx is successfully installed and working.
Further configuration is required for the web server, reverse proxy, 
API gateway, load balancer, content cache, or other features.</p>

<p>For online documentation and support please refer to
<a href="https://nginx.org/">nginx.org</a>.<br/>
To engage with the community please visit
<a href="https://community.nginx.org/">community.nginx.org</a>.<br/>
For enterprise grade support, professional services, additional 
security features and capabilities please refer to
<a href="https://f5.com/nginx">f5.com/nginx</a>.</p>`

function welcome(version: string): string {
  const text = isAtLeast(version, '1.29.4') ? LONG_TEXT : SHORT_TEXT
  const style = isAtLeast(version, '1.21') ? STYLE : OLD_STYLE
  return `<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n${style}\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n${text}\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n`
}

function errorPage(style: string): string {
  return `<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n${style}\n</head>\n<body>\n<h1>An error occurred.</h1>\n<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again later.</p>\n<p>If you are the system administrator of this resource then you should check\nthe error log for details.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n`
}

/** The files of nginx in an image. */
export function nginxFiles(version: string, gcc: string, more: ImageFiles = {}): ImageFiles {
  const talks = isAtLeast(version, '1.21')
  return {
    '/usr/sbin/nginx': { program: nginxProgram(version, gcc, talks), size: 1_557_784 },
    ...(isAtLeast(version, '1.19')
      ? { '/docker-entrypoint.sh': { program: entrypoint(version), size: 1620 }, '/docker-entrypoint.d': { directory: true } }
      : {}),
    '/etc/nginx/nginx.conf': NGINX_CONF,
    '/etc/nginx/mime.types': MIME_TYPES,
    '/etc/nginx/conf.d/default.conf': DEFAULT_CONF,
    '/usr/share/nginx/html/index.html': welcome(version),
    '/usr/share/nginx/html/50x.html': errorPage(isAtLeast(version, '1.21') ? STYLE : OLD_STYLE),
    '/var/log/nginx/access.log': { link: '/dev/stdout' },
    '/var/log/nginx/error.log': { link: '/dev/stderr' },
    ...more,
  } as ImageFiles
}

/** `ENTRYPOINT` of the image: none before 1.19. */
export function nginxEntrypoint(version: string): string[] {
  return isAtLeast(version, '1.19') ? ['/docker-entrypoint.sh'] : []
}

export const NGINX_COMMAND = ['nginx', '-g', 'daemon off;']
