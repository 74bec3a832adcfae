/** Where a component of a slide finds itself, and which of the slide's clicks are its own. */
import { useIsSlideActive, useNav, useSlideContext } from '@slidev/client'
import { computed, onMounted, onUnmounted, ref, type ComputedRef, type Ref } from 'vue'

export interface Stage {
  /** On stage now: a slide or presenter view, not print, and this slide is the current one. Only then may anything be live. */
  onStage: ComputedRef<boolean>
  /** Drawn on a page of its own, an overview or a preview: everything is still there. */
  still: ComputedRef<boolean>
  /** CSS pixels of the screen per CSS pixel of the slide. */
  scale: ComputedRef<number>
  page: number
}

export function useStage(): Stage {
  const { $renderContext, $scale, $zoom, $page } = useSlideContext()
  const { isPrintMode } = useNav()
  const active = useIsSlideActive()
  const staged = computed(() => !isPrintMode.value && ['slide', 'presenter'].includes($renderContext.value))
  return {
    onStage: computed(() => staged.value && active.value),
    still: computed(() => !staged.value),
    scale: computed(() => $scale.value * $zoom.value),
    page: $page.value,
  }
}

/** Takes `count` clicks of the slide, after those that stand before in its Markdown: the first of them (null before the slide is mounted), and how many were made. */
export function useOwnClicks(count: number): { first: Readonly<Ref<number | null>>; clicks: ComputedRef<number> } {
  const { $clicksContext } = useSlideContext()
  const identity = Symbol('lab clicks')
  const start = ref<number | null>(null)
  // as Slidev's own VClickGap does: in mounted, before the slide's context counts its clicks
  onMounted(() => {
    const range = $clicksContext.calculateSince('+1', count)
    if (!range) return
    start.value = range.start
    $clicksContext.register(identity, range)
  })
  onUnmounted(() => $clicksContext.unregister(identity))
  const clicks = computed(() => (start.value === null ? 0 : Math.max(0, Math.min(count, $clicksContext.current - start.value + 1))))
  return { first: start, clicks }
}
