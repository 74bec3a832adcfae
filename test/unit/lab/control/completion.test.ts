import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startControlServer, type ControlServer } from './control-server.ts'

let server: ControlServer
beforeAll(async () => void (server = await startControlServer()))
afterAll(() => server.close())

/** What a real bash offers for a line, as it does on the Tab key: its words go to the function that the completion code registered. */
function offered(line: string, env: Record<string, string> = { LAB_SERVER: server.url }): Promise<string[]> {
  const command = fileURLToPath(new URL('../../../../server/lab/command.ts', import.meta.url))
  const script = `
    lab() { "$NODE" "$COMMAND" "$@"; }
    source <(lab completion bash)
    read -r -a COMP_WORDS <<< "$LINE"
    [[ $LINE == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
    function=$(complete -p lab | sed -n 's/.*-F \\([^ ]*\\).*/\\1/p')
    "$function" lab "\${COMP_WORDS[COMP_CWORD]}"
    printf '%s\\n' "\${COMPREPLY[@]}"`
  return new Promise((done, failed) => {
    const child = { NODE: process.execPath, COMMAND: command, LINE: line, PATH: process.env['PATH'] ?? '', ...env }
    execFile('bash', ['--norc', '-c', script], { env: child }, (error, stdout, stderr) => {
      if (error || stderr) failed(error ?? new Error(stderr))
      else done(stdout.split('\n').filter(Boolean))
    })
  })
}

describe('completion in bash', { timeout: 20_000 }, () => {
  it.each<[string, string[]]>([
    ['lab ', ['node', 'clock', 'reset', 'status', 'arp', 'trace', 'completion', 'help']],
    ['lab st', ['status']],
    ['lab node ', ['stop', 'start']],
    ['lab node stop ', ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s']],
    ['lab node start w', ['w1-k8s', 'w2-k8s', 'w3-k8s']],
    ['lab node stop w1-k8s ', []],
    ['lab clock ', ['forward', 'speed', 'pause', 'resume']],
    ['lab clock f', ['forward']],
    ['lab completion ', ['bash']],
    ['lab nope ', []],
  ])('of %j offers %j', async (line, words) => {
    expect(await offered(line)).toEqual(words)
  })

  it('offers no machines where there is no lab, and says nothing about it', async () => {
    expect(await offered('lab node stop ', {})).toEqual([])
  })
})
