/**
 * Widths of text, estimated without a browser, so that layout is the same on the server, in a test and on stage. Estimates are a little wide
 * on purpose: text that is said to fit, fits.
 */
export interface TextStyle {
  /** px on the diagram's canvas. */
  size: number
  weight?: 400 | 600 | 700
  /** The monospace face, in which Latin is half as wide as Hangul. */
  mono?: boolean
}

/** The smallest text that a room can read, px on a canvas of 1920. */
export const SMALLEST_TEXT = 18

const HANGUL = /[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7af\uff00-\uff60]/

/** Widths of Pretendard's Latin letters in parts of the font's size; the others count as 0.57. */
const PROPORTIONAL: [RegExp, number][] = [
  [/[ijl.,:;'|!·]/, 0.29],
  [/[ ftr()[\]/-]/, 0.36],
  [/[mwMW@]/, 0.88],
  [/[A-Z]/, 0.68],
]

/** The width of a line of text, px. */
export function textWidth(text: string, { size, weight = 400, mono = false }: TextStyle): number {
  let ems = 0
  for (const letter of text) {
    if (mono) ems += HANGUL.test(letter) ? 1 : 0.5
    else if (HANGUL.test(letter)) ems += 0.9
    else ems += (PROPORTIONAL.find(([letters]) => letters.test(letter))?.[1] ?? 0.57) * (weight > 400 ? 1.05 : 1)
  }
  return ems * size
}

export interface FittedText {
  text: string
  size: number
}

/**
 * The text within `width` px: as it is, or smaller down to {@link SMALLEST_TEXT}, or with its middle left out. The end of a name tells more
 * than its middle: `ip-192…101` rather than `ip-192-1…`.
 */
export function fitText(text: string, width: number, style: TextStyle): FittedText {
  for (let size = style.size; size >= SMALLEST_TEXT; size--) {
    if (textWidth(text, { ...style, size }) <= width) return { text, size }
  }
  const size = Math.min(style.size, SMALLEST_TEXT)
  const letters = [...text]
  for (let kept = letters.length - 1; kept > 1; kept--) {
    const head = Math.ceil(kept / 2)
    const shortened = `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (kept - head)).join('')}`
    if (textWidth(shortened, { ...style, size }) <= width) return { text: shortened, size }
  }
  return { text: '…', size }
}

/**
 * The sentence in as few lines of `width` px as it takes, at most `most`, of about equal length, broken at spaces. Where the last permitted
 * line cannot hold the rest, the sentence breaks off.
 */
export function wrapText(text: string, width: number, style: TextStyle, most = 3): string[] {
  const lines = broken(text.split(' '), width, style, most)
  let even = lines
  for (let narrower = width - 4; narrower > width / 2; narrower -= 4) {
    const tried = broken(text.split(' '), narrower, style, most)
    if (tried.length > lines.length || tried.some((line) => textWidth(line, style) > narrower)) break
    even = tried
  }
  return even.map((line) => brokenOff(line, width, style))
}

/** The beginning of a line that fits: the middle of a sentence is no place to cut, unlike that of a name. */
function brokenOff(line: string, width: number, style: TextStyle): string {
  if (textWidth(line, style) <= width) return line
  const letters = [...line]
  while (letters.length > 0 && textWidth(`${letters.join('').trimEnd()}…`, style) > width) letters.pop()
  return `${letters.join('').trimEnd()}…`
}

function broken(words: string[], width: number, style: TextStyle, most: number): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    const joined = last === undefined ? word : `${last} ${word}`
    if (last !== undefined && (lines.length === most || textWidth(joined, style) <= width)) lines[lines.length - 1] = joined
    else lines.push(word)
  }
  return lines
}

/** What a controller appends to the names of its pods. Source: rand.String of k8s.io/apimachinery. */
const GENERATED = /-([bcdfghjklmnpqrstvwxz2456789]{5})$/

/** The end that a controller gave a pod's name, by which the audience knows it in kubectl's output; the whole name where somebody chose it. */
export function shortPodName(name: string): string {
  return GENERATED.exec(name)?.[1] ?? name
}

/** kubectl's STATUS in a word that a tile has room for. Words that are not listed stay as they are. */
export function statusWord(status: string): string {
  return STATUS_WORDS[status] ?? status
}

const STATUS_WORDS: Record<string, string> = {
  ContainerCreating: 'Creating',
  PodInitializing: 'Init',
  ImagePullBackOff: 'PullBackOff',
  CrashLoopBackOff: 'CrashLoop',
  CreateContainerConfigError: 'ConfigError',
  CreateContainerError: 'CreateError',
  InvalidImageName: 'InvalidImage',
}
