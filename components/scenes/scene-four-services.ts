import { box, client, cross, dot, machine, pill, way, words, type Sketch, type SketchPart } from './sketch-parts.ts'
import type { SketchScene } from './scene-types.ts'

const WIDTH = 420
const HEIGHT = 480
/** The cluster's border, and two machines in it. */
const TOP = 150
const LEFT_MACHINE = 118
const RIGHT_MACHINE = 302

function stage(...parts: SketchPart[]): Sketch {
  const cluster = [
    box(2, TOP, WIDTH - 4, HEIGHT - TOP - 4, 'cluster'),
    words(20, TOP + 34, '클러스터', 20, { tone: 'soft' }),
    ...machine(34, 290, 168, 170, 'w1', 2),
    ...machine(218, 290, 168, 170, 'w2', 1),
  ]
  return { width: WIDTH, height: HEIGHT, parts: [...client(135, 2), ...cluster, ...parts] }
}

const clusterIP = stage(
  way('wire', [210, 58], [210, TOP - 2]),
  cross(210, TOP),
  way('dotted', [302, 290], [302, 255], [118, 255], [118, 290]),
  words(210, 240, '10.96.0.11', 22, { anchor: 'middle', mono: true }),
)

const nodePort = stage(
  way('wire', [210, 58], [210, 104], [LEFT_MACHINE, 104], [LEFT_MACHINE, 290]),
  way('wire', [210, 104], [RIGHT_MACHINE, 104], [RIGHT_MACHINE, 290]),
  pill(LEFT_MACHINE, 252, ':30080', 'tab'),
  pill(RIGHT_MACHINE, 252, ':30080', 'tab'),
)

const loadBalancer = stage(
  way('way', [210, 58], [210, 246], [LEFT_MACHINE, 246], [LEFT_MACHINE, 290]),
  way('wire', [212, 246], [RIGHT_MACHINE, 246], [RIGHT_MACHINE, 290]),
  pill(210, 108, '192.168.1.11', 'held'),
  dot(210, 190),
)

const externalName = stage(
  box(202, 2, 200, 56, 'tile'),
  way('dotted', [302, 290], [302, 62]),
  words(290, 236, 'my-db', 24, { anchor: 'end', mono: true, bold: true }),
  words(314, 112, '이름만', 22, { tone: 'soft' }),
)
externalName.parts = [
  ...externalName.parts.filter(
    (part) => !(part.part === 'words' && part.text === '클라이언트') && !(part.part === 'box' && part.x === 135),
  ),
  words(302, 38, 'db.example.com', 23, { anchor: 'middle', mono: true }),
]

/** The four types of Service, one idea each; today the middle two. */
export const fourServicesScene: SketchScene = {
  kind: 'sketches',
  width: WIDTH,
  height: HEIGHT,
  panels: [
    { title: 'ClusterIP', sketch: clusterIP, words: '안에서만 닿는다', tag: { text: '✕ 오늘은 빼고', tone: 'soft' }, aside: true },
    { title: 'NodePort', sketch: nodePort, words: '모든 노드가\n같은 포트를 연다', tag: { text: 'Case 1', tone: 'accent' } },
    { title: 'LoadBalancer', sketch: loadBalancer, words: '밖에서 닿는 주소를\n하나 준다', tag: { text: 'Case 2 · 3', tone: 'accent' } },
    {
      title: 'ExternalName',
      sketch: externalName,
      words: '이름을 다른 이름으로\n돌려줄 뿐이다',
      tag: { text: '✕ 오늘은 빼고', tone: 'soft' },
      aside: true,
    },
  ],
}
