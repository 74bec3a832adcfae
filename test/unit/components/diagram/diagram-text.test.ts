import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitText, shortPodName, SMALLEST_TEXT, statusWord, textWidth, wrapText } from '../../../../components/diagram/diagram-text.ts'

describe('text', () => {
  test.each([
    ['192.168.1.11', { size: 20, mono: true }, 120],
    ['한글', { size: 20, mono: true }, 40],
    ['한글', { size: 20 }, 36],
  ])('%s is so wide', (text, style, width) => {
    expect(textWidth(text, style)).toBeCloseTo(width)
  })

  test.each([
    ['w1-k8s', 200, { text: 'w1-k8s', size: 28 }],
    ['kind-control-plane', 200, { text: 'kind-control-plane', size: 22 }],
    ['ip-192-168-121-101.internal', 120, { text: 'ip-192…ternal', size: 18 }],
  ])('%s in %i px', (text, width, fitted) => {
    expect(fitText(text, width, { size: 28, mono: true })).toEqual(fitted)
  })

  test('that was fitted fits, and is never too small to read', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.integer({ min: 40, max: 400 }),
        fc.integer({ min: 18, max: 32 }),
        fc.boolean(),
        (text, width, size, mono) => {
          const fitted = fitText(text, width, { size, mono })
          expect(fitted.size).toBeGreaterThanOrEqual(SMALLEST_TEXT)
          expect(textWidth(fitted.text, { size: fitted.size, mono })).toBeLessThanOrEqual(width)
        },
      ),
    )
  })

  test.each([
    ['이 클러스터에는 주소를 줄 이가 없다', ['이 클러스터에는', '주소를 줄 이가 없다']],
    ['아무도 대답하지 않음', ['아무도 대답하지 않음']],
    ['MetalLB controller가 준비되는 중', ['MetalLB controller가', '준비되는 중']],
    ['한 줄에 다 들어가지 않는 아주 긴 문장은 그 끝에서 그친다', ['한 줄에 다 들어가지 않는', '아주 긴 문장은 그 끝에서…']],
  ])('%s in lines of even length', (text, lines) => {
    expect(wrapText(text, 250, { size: 21, weight: 700 }, 2)).toEqual(lines)
  })

  test.each([
    ['lb-hname-pods-f54cc64dd-dct2x', 'dct2x'],
    ['speaker-x2k7d', 'x2k7d'],
    ['web', 'web'],
    ['db-0', 'db-0'],
    ['longpodname-for-test', 'longpodname-for-test'],
  ])('names the pod %s %s', (name, short) => {
    expect(shortPodName(name)).toBe(short)
  })

  test('shortens the states that kubectl prints only where a tile has no room for them', () => {
    expect(['Pending', 'ContainerCreating', 'ImagePullBackOff', 'Terminating'].map(statusWord)).toEqual([
      'Pending',
      'Creating',
      'PullBackOff',
      'Terminating',
    ])
  })
})
