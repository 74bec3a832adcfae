/**
 * What the deck uses of @slidev/client. The package ships sources that only Slidev's own build can resolve (`#slidev/...`, no file
 * extensions), so the type checker is given this instead (tsconfig.json, `paths`). Source: its index.ts, context.ts, composables/.
 */
import type { ComputedRef, Ref } from 'vue'

/** Where a slide is drawn: only `slide` and `presenter` are the stage. */
export type RenderContext = 'none' | 'slide' | 'overview' | 'presenter' | 'previewNext'

export interface ClickRange {
  start: number
  end: number
  max: number
  delta: number
}

export interface ClicksContext {
  readonly current: number
  readonly total: number
  readonly clicksStart: number
  /** False before the slide is there: its clicks are not known until then. */
  readonly isMounted: boolean
  calculateSince(at: string | number, size?: number): ClickRange | null
  register(element: unknown, info: ClickRange | null): void
  unregister(element: unknown): void
}

export interface SlideContext {
  $clicksContext: ClicksContext
  $clicks: Ref<number>
  $page: Ref<number>
  $renderContext: Ref<RenderContext>
  $frontmatter: Record<string, unknown>
  $scale: Readonly<Ref<number>>
  $zoom: Readonly<Ref<number>>
}

export interface Navigation {
  currentSlideNo: ComputedRef<number>
  total: ComputedRef<number>
  clicks: ComputedRef<number>
  clicksContext: ComputedRef<ClicksContext>
  isPrintMode: ComputedRef<boolean>
  isPresenter: ComputedRef<boolean>
  isEmbedded: ComputedRef<boolean>
  next(): Promise<void>
  prev(): Promise<void>
  nextSlide(lastClicks?: boolean): Promise<void>
  prevSlide(lastClicks?: boolean): Promise<void>
  go(page: number | string, clicks?: number, force?: boolean): Promise<void>
}

export function useSlideContext(): SlideContext
export function useNav(): Navigation
export function useIsSlideActive(): ComputedRef<boolean>
export function useDarkMode(): { isDark: Ref<boolean> }
export function onSlideEnter(run: () => void): void
export function onSlideLeave(run: () => void): void
export function lockShortcuts(): () => void
