import { useNav } from '@slidev/client'
import { defineRootSetup } from '@slidev/types'
import manifest from 'virtual:lab-manifest'
import { fetchRecordings } from '../components/lab/recordings.ts'
import { tapOf, type TouchPoint } from '../components/lab/tap.ts'

/** What a finger uses in its own way. */
const OWN_WAY = 'a, button, input, textarea, select, [contenteditable], [data-can-type] .lab-host'

/** A tap on the slide turns it: Slidev itself knows swipes and, at the edges, clicks. */
export default defineRootSetup(() => {
  const { next, prev, isPrintMode, isPresenter } = useNav()
  if (!isPrintMode.value) fetchRecordings(manifest.labs)
  let down: TouchPoint | null = null
  document.addEventListener('pointerdown', (event) => {
    const one = event.pointerType === 'touch' && event.isPrimary && !isPrintMode.value && !isPresenter.value
    const target = event.target as Element
    down =
      one && target.closest('#slide-content') && !target.closest(OWN_WAY)
        ? { x: event.clientX, y: event.clientY, time: event.timeStamp }
        : null
  })
  document.addEventListener('pointerup', (event) => {
    const slide = document.querySelector('#slide-content')
    if (!down || !slide || !event.isPrimary) return
    const tap = tapOf(down, { x: event.clientX, y: event.clientY, time: event.timeStamp }, slide.getBoundingClientRect())
    down = null
    if (tap === 'next') void next()
    else if (tap === 'previous') void prev()
  })
})
