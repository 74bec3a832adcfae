import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { patiently } from '../../../../components/deck/patience.ts'

describe('a move', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const mounted = ref(false)
  let made: string[] = []
  const settle = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0), await nextTick())
  const start = (there: boolean): ((name: string) => void) => {
    mounted.value = there
    made = []
    const move = patiently(mounted)
    return (name) => move(() => void made.push(name))
  }

  it('is made at once on a slide that is there', () => {
    start(true)('next')
    expect(made).toEqual(['next'])
  })

  it('waits for the slide, and keeps its place among others', async () => {
    const move = start(false)
    move('next')
    move('next again')
    move('previous')
    await settle()
    expect(made).toEqual([])
    mounted.value = true
    await settle()
    expect(made).toEqual(['next', 'next again', 'previous'])
  })

  it('waits again where the move before it led to a slide that is not there yet', async () => {
    mounted.value = true
    made = []
    const move = patiently(mounted)
    move(() => {
      made.push('leave')
      mounted.value = false
    })
    move(() => made.push('step'))
    await settle()
    expect(made).toEqual(['leave'])
    mounted.value = true
    await settle()
    expect(made).toEqual(['leave', 'step'])
  })

  it('does not wait for ever for a slide that cannot be loaded', async () => {
    const move = start(false)
    move('next')
    await vi.advanceTimersByTimeAsync(2900)
    expect(made).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    await settle()
    expect(made).toEqual(['next'])
    move('next')
    await settle()
    expect(made).toEqual(['next'])
  })
})
