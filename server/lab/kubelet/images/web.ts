/** Web servers: the talk's echo-hname, and nginx, which the lab's registry has as the same server under that name. */
import type { ContainerImage } from '../image.ts'
import { createEnvironment, execIn, runCommandLine } from './processes.ts'

/** What a web image has on its PATH besides its server. */
const WEB_PROGRAMS = ['busybox', 'sh', 'ls', 'cat', 'hostname']

function webServer(names: string[], tags: string[], size: number, pullTime: number, ports: number[], programs: string[]): ContainerImage {
  return {
    names,
    tags,
    size,
    pullTime,
    start(context) {
      const environment = createEnvironment(context, programs)
      const { command, args } = context.container
      if (command.length > 0) return runCommandLine(environment, [...command, ...args])
      for (const port of ports) {
        context.listen({
          port,
          handle: ({ method, path, from }) => {
            context.log(`${from} ${method} ${path}`)
            return { status: 200, headers: { 'content-type': 'text/html' }, body: `${context.hostname}\n` }
          },
        })
      }
      return {
        terminate: () => context.exit(0),
        dispose() {},
        exec: (argv, tty, output) => execIn(environment, argv, tty, output),
      }
    },
  }
}

/** Answers every request with the pod's host name and a newline. */
export const echoHname = webServer(['sysnet4admin/echo-hname'], ['latest'], 3_722_179, 250, [80], [...WEB_PROGRAMS, 'wget'])

export const nginx = webServer(['nginx'], ['latest', '1.25', '1.27'], 3_722_179, 250, [80], WEB_PROGRAMS)
