import { useNav } from '@slidev/client'
import { defineShortcutsSetup } from '@slidev/types'
import { computed } from 'vue'
import { patiently } from '../components/deck/patience.ts'

const MOVES = /^(next|prev)_(?!overview)/

/** A clicker may be pressed before a slide is there: the moves wait for it. */
export default defineShortcutsSetup((_operations, shortcuts) => {
  const nav = useNav()
  const move = patiently(computed(() => nav.clicksContext.value.isMounted))
  return shortcuts.map((shortcut) => {
    const { name, fn } = shortcut
    return fn && name && MOVES.test(name) ? { ...shortcut, fn: () => move(fn) } : shortcut
  })
})
