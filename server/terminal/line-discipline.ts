/** Who reads the keyboard of a terminal: the terminal itself, line by line, or the program in it, key by key. Its settings (termios) tell. */
import { spawn } from 'node:child_process'
import type { IPty } from 'node-pty'

/**
 * True where the terminal gathers lines, shows what is typed and makes a signal of Ctrl-C (icanon, echo, isig). False for editors, pagers, remote shells,
 * questions for a password, and wherever it cannot be told (no stty: Windows).
 */
export function readsLines(pty: IPty): Promise<boolean> {
  // the master's settings are those of the terminal; node-pty has the descriptor, and no type for it
  const { fd } = pty as IPty & { fd?: number }
  if (fd === undefined || process.platform === 'win32') return Promise.resolve(false)
  return new Promise((resolve) => {
    let out = ''
    const stty = spawn('stty', ['-a'], { stdio: [fd, 'pipe', 'ignore'] })
    stty.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
    stty.on('error', () => resolve(false))
    stty.on('close', () => {
      const settings = new Set(out.split(/[\s;]+/))
      resolve(['icanon', 'echo', 'isig'].every((name) => settings.has(name)))
    })
  })
}
