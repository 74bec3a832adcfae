/** /proc of a container: its processes and a few facts of its node's kernel. */
import { type Entry, makeDirectory, makeFile, makeLink } from '../kernel/files.ts'
import type { Machine, Process } from './process.ts'

export function procEntries(machine: Machine): Map<string, Entry> {
  const now = machine.context.clock.now()
  const file = (text: () => string): Entry => makeFile(text, now, 0o444)
  const entries = new Map<string, Entry>()
  for (const process of machine.processes.values()) {
    entries.set(String(process.pid), { ...makeDirectory(now, 0o555), entries: () => processEntries(process, now) })
  }
  entries.set('self', makeLink(String, now))
  entries.set('mounts', makeLink('self/mounts', now))
  entries.set(
    'version',
    file(() => `Linux version ${kernelOf(machine)} (buildd@lab) #1 SMP\n`),
  )
  entries.set(
    'loadavg',
    file(() => `0.00 0.00 0.00 1/${machine.processes.size} ${[...machine.processes.keys()].at(-1) ?? 1}\n`),
  )
  entries.set(
    'meminfo',
    file(() => `MemTotal:       ${memoryOf(machine).padStart(8)} kB\n`),
  )
  return entries
}

function stored(machine: Machine): Record<string, never> {
  return (machine.context.store.get('nodes', null, machine.context.node)?.['status'] ?? {}) as never
}

export function kernelOf(machine: Machine): string {
  return (stored(machine)['nodeInfo'] as { kernelVersion?: string } | undefined)?.kernelVersion ?? '6.8.0'
}

function memoryOf(machine: Machine): string {
  return ((stored(machine)['capacity'] as { memory?: string } | undefined)?.memory ?? '0Ki').replace(/\D/g, '')
}

/** Lines of /proc/mounts. */
function mountsOf({ machine }: Process): string {
  const lines = [
    'overlay / overlay rw,relatime 0 0',
    'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
    'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0',
    'sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0',
  ]
  for (const path of Object.keys(machine.context.files.managed)) lines.push(`/dev/sda1 ${path} ext4 rw,relatime 0 0`)
  for (const { mountPath } of machine.context.files.mounts) {
    const entry = machine.files.find(mountPath)
    const mount = entry?.kind === 'directory' ? entry.mount : undefined
    lines.push(`${mount?.source ?? '/dev/sda1'} ${mountPath} ${mount?.type ?? 'ext4'} ${mount?.options ?? 'rw,relatime'} 0 0`)
  }
  return lines.map((line) => `${line}\n`).join('')
}

function processEntries(process: Process, now: number): Map<string, Entry> {
  const { uid, gid } = process.machine.user
  const fds = makeDirectory(now, 0o500)
  fds.entries = new Map<string, Entry>(
    [...process.descriptors].map(([number, { stream }]) => [
      String(number),
      makeLink(stream.isTerminal ? '/dev/pts/0' : `pipe:[${20_000 + number}]`, now),
    ]),
  )
  return new Map<string, Entry>([
    ['cmdline', makeFile(process.argv.map((word) => `${word}\0`).join(''), now, 0o444)],
    ['comm', makeFile(`${process.name.slice(0, 15)}\n`, now, 0o444)],
    ['environ', makeFile([...process.env].map(([name, value]) => `${name}=${value}\0`).join(''), now, 0o400)],
    [
      'status',
      makeFile(
        `Name:\t${process.name.slice(0, 15)}\nState:\tS (sleeping)\nTgid:\t${process.pid}\nPid:\t${process.pid}\nPPid:\t${process.parent?.pid ?? 0}\nUid:\t${[uid, uid, uid, uid].join('\t')}\nGid:\t${[gid, gid, gid, gid].join('\t')}\n`,
        now,
        0o444,
      ),
    ],
    ['mounts', makeFile(() => mountsOf(process), now, 0o444)],
    ['cwd', makeLink(process.cwd, now)],
    ['root', makeLink('/', now)],
    ['fd', fds],
  ])
}
