/** The machine that the lab itself runs on, as a kubelet there would describe it; Debian's current release where it is no Linux. */
import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'

export interface LocalMachine {
  osImage: string
  kernel: string
  cgroups: 'v1' | 'v2'
  id?: string
  boot?: string
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

export function localMachine(): LocalMachine {
  if (process.platform !== 'linux') return { osImage: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-41-amd64', cgroups: 'v2' }
  const id = read('/etc/machine-id')
  const boot = read('/proc/sys/kernel/random/boot_id')
  return {
    osImage: /^PRETTY_NAME="?([^"\n]+)/m.exec(read('/etc/os-release') ?? '')?.[1] ?? 'Linux',
    kernel: release(),
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    ...(id ? { id } : {}),
    ...(boot ? { boot } : {}),
  }
}
