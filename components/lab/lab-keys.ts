/** What the keyboard does to a pane on stage: `t` goes into the terminal, `c` runs the steps that were skipped. */
import type { Navigation } from '@slidev/client'
import { onBeforeUnmount, onMounted, type ComputedRef, type Ref } from 'vue'
import type { KeyAction } from './keys.ts'
import type { LabSession } from './session.ts'

export interface LabKeysOptions {
  session: Ref<LabSession | null>
  onStage: ComputedRef<boolean>
  canType: ComputedRef<boolean>
  missed: ComputedRef<number>
  catchUp(): void
  nav: Pick<Navigation, 'next' | 'prev'>
}

export interface LabKeys {
  /** For keys that were pressed within the terminal. */
  act(action: KeyAction): void
  catchUp(): void
}

export function useLabKeys(options: LabKeysOptions): LabKeys {
  const { session, canType } = options

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
  }

  onMounted(() => window.addEventListener('keydown', onKeydown))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKeydown))
  return { act, catchUp }
}
