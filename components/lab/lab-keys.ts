/** What the keyboard does to a pane on stage: `t` goes into the terminal, `c` runs the steps that were skipped, Shift+R twice starts the lab over. */
import type { Navigation } from '@slidev/client'
import { onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref } from 'vue'
import type { KeyAction } from './keys.ts'
import type { LabSession } from './session.ts'

/** Within this time (ms) the second press confirms a reset. */
const CONFIRM_WITHIN = 4000

export interface LabKeysOptions {
  session: Ref<LabSession | null>
  onStage: ComputedRef<boolean>
  canType: ComputedRef<boolean>
  presenter: ComputedRef<boolean>
  missed: ComputedRef<number>
  catchUp(): void
  nav: Pick<Navigation, 'next' | 'prev'>
}

export interface LabKeys {
  resetArmed: Ref<boolean>
  /** For keys that were pressed within the terminal. */
  act(action: KeyAction): void
  reset(): void
  catchUp(): void
}

export function useLabKeys(options: LabKeysOptions): LabKeys {
  const { session, canType } = options
  const resetArmed = ref(false)
  let disarm: ReturnType<typeof setTimeout> | undefined

  function reset(): void {
    clearTimeout(disarm)
    if (!canType.value) return
    if (resetArmed.value) session.value?.reset()
    resetArmed.value = !resetArmed.value
    if (resetArmed.value) disarm = setTimeout(() => (resetArmed.value = false), CONFIRM_WITHIN)
  }

  function catchUp(): void {
    if (canType.value && options.missed.value > 0) options.catchUp()
  }

  function act(action: KeyAction): void {
    if (action === 'next') void options.nav.next()
    else if (action === 'previous') void options.nav.prev()
    else if (action === 'leave') session.value?.screen.blur()
  }

  function onKeydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (!options.onStage.value || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    if (target.closest('input, textarea, [contenteditable]')) return
    if (event.key === 't' && canType.value) {
      event.preventDefault()
      session.value?.screen.focus()
    } else if (event.key === 'c') catchUp()
    else if (event.key === 'R' && options.presenter.value) reset()
  }

  onMounted(() => window.addEventListener('keydown', onKeydown))
  onBeforeUnmount(() => {
    clearTimeout(disarm)
    window.removeEventListener('keydown', onKeydown)
  })
  return { resetArmed, act, reset, catchUp }
}
