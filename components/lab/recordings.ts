/** The deck's recordings: fetched once each, from beside the page. */
import type { Lab } from '../../server/protocol/lab.ts'
import { castMismatch, decodeCast } from '../../server/protocol/asciicast.ts'
import { indexCast, type CastIndex } from './cast-index.ts'
import { stillScreens, type StillRow } from './still.ts'

export type Recording = { index: CastIndex } | { error: string }

/** A recording as text, or why it cannot be shown, in one line that says what, where and what to do. */
export function readRecording(text: string, name: string, lab: Lab): Recording {
  const decoded = decodeCast(text)
  const remedy = '`npm run record`로 다시 만들어 주세요'
  if ('error' in decoded) return { error: `녹화를 읽을 수 없습니다: ${name} ${decoded.error.line}행: ${decoded.error.message}. ${remedy}` }
  const mismatch = castMismatch(decoded.cast, lab)
  if (mismatch) return { error: `녹화가 이 덱과 맞지 않습니다: ${name}의 단계 ${mismatch.step}이(가) 다릅니다. ${remedy}` }
  return { index: indexCast(decoded.cast) }
}

/** The recordings are fetched when the page has had the time to draw itself, ms. */
const FETCH_AFTER = 1500

const recordings = new Map<string, Promise<Recording>>()
const stills = new Map<string, Promise<StillRow[][] | { error: string }>>()

async function load(lab: Lab): Promise<Recording> {
  const name = `recordings/${lab.id}.cast`
  try {
    const response = await fetch(new URL(`${import.meta.env.BASE_URL}${name}`, location.href))
    // servers of single pages answer with the page where there is no file
    if (!response.ok || response.headers.get('content-type')?.includes('text/html'))
      return { error: `녹화가 없습니다: ${name}. \`npm run record\`로 만들 수 있습니다` }
    return readRecording(await response.text(), name, lab)
  } catch (error) {
    return { error: `녹화를 가져오지 못했습니다: ${name}: ${(error as Error).message}` }
  }
}

/** A lab's recording. One that could not be fetched is asked for again the next time. */
export function recordingOf(lab: Lab): Promise<Recording> {
  const known = recordings.get(lab.id)
  if (known) return known
  const loading = load(lab)
  recordings.set(lab.id, loading)
  void loading.then((loaded) => 'error' in loaded && recordings.delete(lab.id))
  return loading
}

/** Fetches every recording in good time: what is to stand in for a bridge that is gone, or be watched on the train, has to be here before. */
export function fetchRecordings(labs: readonly Lab[]): void {
  setTimeout(() => labs.forEach((lab) => void recordingOf(lab)), FETCH_AFTER)
}

/** The screens of a lab's recording at the end of every segment. */
export function stillsOf(lab: Lab): Promise<StillRow[][] | { error: string }> {
  const known = stills.get(lab.id)
  if (known) return known
  const drawing = recordingOf(lab).then(async (recording) => {
    if ('error' in recording) return recording
    const { Terminal } = await import('@xterm/xterm')
    return stillScreens(recording.index, (cols, rows) => new Terminal({ cols, rows, scrollback: 0, allowProposedApi: true }))
  })
  stills.set(lab.id, drawing)
  return drawing
}
