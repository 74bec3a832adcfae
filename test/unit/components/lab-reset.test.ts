import { expect, it } from 'vitest'
import { CONFIRM_WITHIN, createLabReset, resetWords, SHOWN_FOR } from '../../../components/lab/lab-reset.ts'
import { FakeClock } from './fake-clock.ts'

function setting(running = ['talk']) {
  const clock = new FakeClock()
  const asked: (readonly string[])[] = []
  const answer = Promise.withResolvers<void>()
  const labReset = createLabReset({
    after: (milliseconds, run) => clock.after(milliseconds, run),
    async reset(labs) {
      asked.push(labs)
      await answer.promise
      return labs.length > 0 ? labs : running
    },
  })
  const settled = (): Promise<void> => new Promise((done) => setImmediate(done))
  return { ...labReset, clock, asked, answer, settled }
}

it('asks at the first press, resets at the second, and says when it is done', async () => {
  const { press, state, asked, answer, settled, clock } = setting()
  press([])
  expect([state.phase, asked]).toEqual(['armed', []])
  expect(resetWords(state)).toBe('⇧R 한 번 더: 실행 중인 랩 모두를 처음으로')
  press([])
  press([])
  expect([state.phase, asked]).toEqual(['running', [[]]])
  answer.resolve()
  await settled()
  expect(state).toMatchObject({ phase: 'done', labs: ['talk'] })
  expect(resetWords(state)).toBe('랩 talk: 처음으로 되돌렸습니다')
  clock.forward(SHOWN_FOR)
  expect(resetWords(state)).toBeNull()
})

it('forgets a press that is not followed by another in time', () => {
  const { press, state, clock, asked } = setting()
  press(['talk'])
  clock.forward(CONFIRM_WITHIN)
  expect(state.phase).toBe('idle')
  press(['talk'])
  expect([state.phase, asked]).toEqual(['armed', []])
})

it('does not take the press for one lab as the confirmation for another', () => {
  const { press, state, asked } = setting()
  press(['talk'])
  press(['other'])
  expect([state.phase, state.labs, asked]).toEqual(['armed', ['other'], []])
})

it('says why nothing was reset', async () => {
  const { press, state, answer, settled } = setting()
  press([])
  press([])
  answer.reject(new Error('브리지와 연결되어 있지 않습니다'))
  await settled()
  expect(resetWords(state)).toBe('되돌리지 못했습니다 · 브리지와 연결되어 있지 않습니다')
})

it('says that nothing runs where nothing does', async () => {
  const { press, state, answer, settled } = setting([])
  press([])
  press([])
  answer.resolve()
  await settled()
  expect(resetWords(state)).toContain('실행 중인 랩이 없습니다')
})
