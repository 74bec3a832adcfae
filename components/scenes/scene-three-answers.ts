import { timelineX } from '../diagram/failover-phases.ts'
import { box, client, dot, machine, pill, way, words, type Sketch, type SketchPart } from './sketch-parts.ts'
import type { SketchScene } from './scene-types.ts'

const WIDTH = 560
const HEIGHT = 400
const BUS = 30
/** Middles of the three workers. */
const W = [196, 336, 476] as const
const NODE_TOP = 150

function lan(states: ('card' | 'off' | 'holds')[], ...parts: SketchPart[]): Sketch {
  const nodes = states.flatMap((state, index) => {
    const x = W[index] as number
    const wire = state === 'off' ? [] : [way('wire', [x, BUS], [x, NODE_TOP])]
    return [...wire, ...machine(x - 62, NODE_TOP, 124, 130, `w${index + 1}`, 2, state)]
  })
  return { width: WIDTH, height: HEIGHT, parts: [way('bus', [110, BUS], [WIDTH - 6, BUS]), ...client(0, 2, 130), ...nodes, ...parts] }
}

const who = lan(
  ['holds', 'card', 'card'],
  way('way', [130, BUS], [W[0], BUS], [W[0], NODE_TOP]),
  pill(W[0], 92, '192.168.1.11', 'held'),
  dot(W[0], NODE_TOP),
)

const x = (seconds: number): number => timelineX(seconds, 8, WIDTH - 16)
const line: SketchPart[] = [
  { part: 'bar', x: x(0), y: 316, width: x(7) - x(0) - 3, height: 30, loss: 'all' },
  { part: 'bar', x: x(7), y: 316, width: x(50) - x(7) - 3, height: 30, loss: 'some' },
  { part: 'bar', x: x(50), y: 316, width: x(350) - x(50) - 3, height: 30, loss: 'none' },
  { part: 'bar', x: x(350), y: 316, width: x(380) - x(350), height: 30, loss: 'none' },
  words(x(7), 376, '7초', 24, { anchor: 'middle', bold: true }),
  words(x(50), 376, '50초', 24, { anchor: 'middle', bold: true }),
  words(x(350) - 6, 376, '350초', 24, { anchor: 'middle', bold: true }),
]
const when = lan(
  ['off', 'card', 'holds'],
  pill(W[0], 92, '192.168.1.11', 'slot'),
  { part: 'line', look: 'departure', d: `M${W[0] + 56} 118 C ${W[0] + 100} 146, ${W[2] - 150} 144, ${W[2] - 116} 108` },
  pill(W[2] - 14, 92, '192.168.1.11', 'held'),
  { part: 'cross', x: W[0], y: NODE_TOP },
  ...line,
)

const why = lan(
  ['card', 'card', 'card'],
  box(0, 300, WIDTH - 20, 78),
  words(22, 348, 'EXTERNAL-IP', 24, { mono: true, tone: 'soft' }),
  pill(W[2] - 76, 339, '<pending>', 'empty'),
)

/** The three questions with their answers, each opened by a click. */
export const threeAnswersScene: SketchScene = {
  kind: 'sketches',
  width: WIDTH,
  height: HEIGHT,
  panels: [
    { title: '192.168.1.11로 보낸 패킷은\n누가 받는가?', sketch: who, words: '뽑힌 노드 하나가 ARP에 대답하고,\n그 노드가 모두 받는다.' },
    {
      title: '그 노드가 죽으면 몇 초 뒤에\n무슨 일이 일어나는가?',
      sketch: when,
      words: '7초에 주소가 옮겨 가고, 50초에 손실이\n멎고, 350초에 파드가 채워진다.',
    },
    { title: 'EXTERNAL-IP는\n왜 <pending>인가?', sketch: why, words: '주소를 줄 이가 없거나,\n나눠 줄 주소를 모르기 때문이다.' },
  ],
}
