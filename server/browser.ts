/** Finds a Chromium-like browser for the PDF and for the browser tests: nothing is downloaded. */
import { isProgram, onPath } from './programs.ts'

/** Programs on PATH, in the order of preference. */
const ON_PATH = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome', 'microsoft-edge', 'msedge']

/** Where installers put browsers that are not on PATH. */
const INSTALLED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** A browser to start, with the arguments that it needs on this machine. */
export interface Browser {
  path: string
  args: string[]
}

/** Chromium refuses its own sandbox to root; a closed network makes its background look-ups noisy. */
function argumentsHere(): string[] {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  return process.getuid?.() === 0 ? ['--no-sandbox', ...quiet] : quiet
}

/** Its own arguments switch off sound, GPU and sandbox: what a headless build without system libraries needs. As one process, it would end with its first page. */
function argumentsCarried(args: string[]): string[] {
  return args.filter((argument) => argument !== '--single-process')
}

/**
 * The browser to use: `$CHROME`, then an installed Chrome, Chromium or Edge, then the headless Chromium that an npm package carries (linux-x64 only).
 * An error says what was looked for and what to do.
 */
export async function findBrowser(env: NodeJS.ProcessEnv = process.env): Promise<Browser | { error: string }> {
  if (env.CHROME) {
    if (isProgram(env.CHROME)) return { path: env.CHROME, args: argumentsHere() }
    return {
      error: `CHROME=${env.CHROME} is no program that can be started: set it to the path of a Chrome, Chromium or Edge, or unset it.`,
    }
  }
  // all of PATH for one name before the next: the preference is by name
  const found = ON_PATH.map((name) => onPath(name, env.PATH ?? '')).find((path) => path !== null) ?? INSTALLED.find(isProgram)
  if (found !== undefined) return { path: found, args: argumentsHere() }
  if (process.platform === 'linux' && process.arch === 'x64') {
    const carried = await import('@sparticuz/chromium').then(
      (module) => module.default,
      () => null,
    )
    if (carried !== null) return { path: await carried.executablePath(), args: argumentsCarried(carried.args) }
  }
  return {
    error:
      'no browser found: looked at $CHROME, for Chrome, Chromium and Edge on PATH and where they are installed. Install one, or set CHROME to its path.',
  }
}
