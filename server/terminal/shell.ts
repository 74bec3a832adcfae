/** Which shell a session runs, and the files and environment that it starts with. Nothing of the host's environment reaches it but what stands here. */
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Problem } from '../problem.ts'
import { onPath } from '../programs.ts'
import { completionScript } from './completion.ts'

export interface Shell {
  path: string
  /** `bash` has line editing, completion and marks for the start of a command; `sh` is what there is elsewhere. */
  kind: 'bash' | 'sh'
}

/** bash where there is one, sh otherwise. Throws a Problem where there is neither. */
export function findShell(path = process.env.PATH ?? ''): Shell {
  const bash = onPath('bash', path)
  if (bash) return { path: bash, kind: 'bash' }
  const sh = onPath('sh', path)
  if (sh) return { path: sh, kind: 'sh' }
  throw new Problem('no shell: neither bash nor sh is on PATH; install bash (on Windows: Git for Windows brings one) and start again')
}

/** What the session's shell is given. */
export interface ShellSetup {
  shell: Shell
  /** Stands in the prompt: `[root@HOST ~]# `. */
  host: string
  nonce: string
  /** The kubectl that the shell finds, and the file that `kubectl completion bash` gave, or null. */
  kubectl: string
  completion: string | null
  /** Path of the cluster's kubeconfig. The shell gets a copy, which is its own to change: nobody else looks through that one. */
  kubeconfig: string
  /** Files that lie in HOME at the start. */
  files: { name: string; text: string }[]
  /** Program and arguments of the `lab` command. */
  labCommand: string[]
  /** More of the environment: http_proxy and such. */
  env: Record<string, string>
}

export interface PreparedShell {
  path: string
  args: string[]
  env: Record<string, string>
  home: string
  /**
   * Puts HOME, with the kubeconfig in it, and kubectl's caches back to how they were at the start. The folders themselves stay: a shell may be in them.
   * `env`: what of the environment is different for the shells that are started from now on.
   */
  refill(env?: Record<string, string>): Promise<void>
  /** Deletes everything. */
  dispose(): Promise<void>
}

const SYSTEM_PATH =
  process.platform === 'darwin'
    ? '/opt/homebrew/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'
    : '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

function systemPath(): string {
  // Windows has no fixed places: there the host's PATH is needed to find anything at all
  return process.platform === 'win32' ? (process.env.PATH ?? '') : SYSTEM_PATH
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}

function bashStart(setup: ShellSetup): string {
  const mark = (rest: string): string => `\\e]133;${rest};${setup.nonce}\\a`
  return `unset HISTFILE
set +o history +H
unset -f command_not_found_handle
bind 'set enable-bracketed-paste off' 2>/dev/null
bind 'set bell-style none' 2>/dev/null
bind 'set show-all-if-ambiguous on' 2>/dev/null
__lab_ended() { printf '\\e]133;D;%s;${setup.nonce}\\a' "$?"; }
PROMPT_COMMAND=__lab_ended
# what is typed stands out from what is answered: bold white until the command begins
PS1='\\[\\e[0m\\][root@${setup.host} \\W]# \\[\\e[1;97m${mark('B')}\\]'
PS2='> \\[${mark('P')}\\]'
PS0='\\e[0m${mark('C')}'
alias ka='kubectl apply -f'
alias k=kubectl
${setup.completion ? completionScript(setup.completion) : ''}
cd
`
}

/** A plain sh expands variables in its prompt, but knows no escapes: the control characters stand in it as they are. */
function shStart(setup: ShellSetup): string {
  const mark = (rest: string): string => `\u001b]133;${rest};${setup.nonce}\u0007`
  return `PS1='${mark('D;$?')}[root@${setup.host} ~]# ${mark('B')}'
PS2='> ${mark('P')}'
alias ka='kubectl apply -f'
alias k=kubectl
cd
`
}

/** Empties a folder. Where somebody is just writing into it, what comes late stays. */
async function empty(folder: string): Promise<void> {
  const names = await readdir(folder)
  await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {})))
}

async function link(target: string, path: string): Promise<void> {
  if (process.platform === 'win32') await copyFile(target, `${path}.exe`)
  else await symlink(target, path)
}

/** Makes the folder that a session lives in: home, programs, cache, start-up file. */
export async function prepareShell(setup: ShellSetup): Promise<PreparedShell> {
  const folder = await mkdtemp(join(tmpdir(), 'lab-shell-'))
  const [home, bin, cache] = ['root', 'bin', 'cache'].map((name) => join(folder, name)) as [string, string, string]
  const kubeconfig = join(home, '.kube', 'config')
  const fill = async (): Promise<void> => {
    const [text] = await Promise.all([readFile(setup.kubeconfig), mkdir(dirname(kubeconfig), { recursive: true })])
    await Promise.all([
      writeFile(kubeconfig, text, { mode: 0o600 }),
      ...setup.files.map((file) => writeFile(join(home, file.name), file.text)),
    ])
  }
  await Promise.all([fill(), mkdir(bin), mkdir(cache)])
  const start = join(folder, 'start.sh')
  await Promise.all([
    link(setup.kubectl, join(bin, 'kubectl')),
    writeFile(join(bin, 'lab'), `#!/bin/sh\nexec ${setup.labCommand.map(quote).join(' ')} "$@"\n`, { mode: 0o755 }),
    writeFile(start, setup.shell.kind === 'bash' ? bashStart(setup) : shStart(setup)),
  ])
  const env: Record<string, string> = {
    HOME: home,
    USER: 'root',
    LOGNAME: 'root',
    SHELL: setup.shell.path,
    PATH: [bin, systemPath()].join(delimiter),
    LANG: process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8',
    TERM: 'xterm-256color',
    TMPDIR: cache,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: cache,
    ...setup.env,
  }
  if (setup.shell.kind === 'sh') env.ENV = start
  if (process.platform === 'win32' && process.env.SYSTEMROOT) env.SYSTEMROOT = process.env.SYSTEMROOT
  return {
    path: setup.shell.path,
    args: setup.shell.kind === 'bash' ? ['--noprofile', '--rcfile', start, '-i'] : ['-i'],
    env,
    home,
    async refill(changed = {}) {
      Object.assign(env, changed)
      // HOME itself may have been deleted by whoever works in it
      await mkdir(home, { recursive: true })
      await Promise.all([home, cache].map(empty))
      await fill()
    },
    dispose: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}
