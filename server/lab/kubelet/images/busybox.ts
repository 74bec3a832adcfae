/** busybox: a shell and a few programs. The lab's registry has it with `sh` as its entry point, so arguments alone go to the shell. */
import type { ContainerImage } from '../image.ts'
import { createEnvironment, runCommandLine } from './processes.ts'

const BUSYBOX_PROGRAMS = ['busybox', 'sh', 'sleep', 'wget', 'true', 'false', 'echo', 'cat', 'nslookup', 'stty']

export const busybox: ContainerImage = {
  names: ['busybox'],
  tags: ['latest', '1.36'],
  size: 1_094_382,
  pullTime: 75,
  start(context) {
    const { command, args } = context.container
    const argv = command.length > 0 ? [...command, ...args] : ['/bin/sh', ...args]
    return runCommandLine(createEnvironment(context, BUSYBOX_PROGRAMS), argv)
  },
}
