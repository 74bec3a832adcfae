import type { ExtraBox } from '../diagram/diagram-model.ts'
import { balancer, bareCluster, endpoints } from './echo-cluster.ts'
import type { TopologyChange } from '../../server/protocol/topology.ts'
import { fold, hopsTo, request } from './scene-parts.ts'
import type { DiagramScene } from './scene-types.ts'

/** An address of the provider's, outside of the LAN (a block for documentation). */
const PUBLIC = '203.0.113.11'

const provider: ExtraBox = { id: 'provider', title: '클라우드 컨트롤러', place: { node: 'm-k8s' } }
const outside: ExtraBox = { id: 'outside', title: '클라우드 LB', place: 'wire' }
const ordering: ExtraBox = {
  ...provider,
  orders: [
    { to: 'wire', label: '①' },
    { to: 'service', label: '②' },
  ],
}
/** A client of the internet's (a block for documentation). */
const cluster: TopologyChange[] = [...bareCluster(), { op: 'neighbours', neighbours: [], client: '198.51.100.7' }]
const waiting = fold([...cluster, balancer()])
const given = fold([...cluster, balancer({ externalAddresses: [PUBLIC] })])

const spread = request('spread', `http://${PUBLIC}`, [
  { hop: 'frame', from: 'client', to: outside.id, alive: true },
  { hop: 'frame', from: outside.id, to: 'w2-k8s', alive: true },
  ...hopsTo(PUBLIC, 'w2-k8s', 'lb-hname-svc', endpoints('dct2x')[0] as string, 'w2-k8s', false).slice(1),
])

/** The provider's controller orders a balancer outside and writes its address back. */
export const cloudScene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    { pictures: [{ topology: fold(cluster), extra: [provider] }], caption: 'Case 1과 같은 클러스터에 제공자의 컨트롤러가 하나 더 있다' },
    {
      pictures: [{ topology: waiting, extra: [provider], reason: '컨트롤러가 이 Service를 보았다' }],
      caption: 'LoadBalancer 타입의 Service를 만든다',
    },
    {
      pictures: [{ topology: given, extra: [ordering, { ...outside, holds: true }] }],
      caption: '① 밖에 로드밸런서를 주문하고 ② 받은 주소를 Service에 적는다',
    },
    {
      pictures: [{ topology: given, extra: [provider, { ...outside, holds: true }], trace: { request: spread } }],
      caption: '사용자는 그 주소로 들어오고, 밖의 로드밸런서가 노드로 나눈다',
    },
  ],
}

/** The same drawing with the provider's boxes switched off: what remains is on-premise. */
export const cloudOffScene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    { pictures: [{ topology: given, extra: [ordering, { ...outside, holds: true }] }], caption: '클라우드에는 주소를 마련하는 이가 있다' },
    {
      pictures: [
        {
          topology: given,
          extra: [
            { ...provider, off: true },
            { ...outside, off: true },
          ],
          reason: '주문할 이도, 대답할 이도 없다',
        },
      ],
      caption: '제공자의 컨트롤러와 밖의 로드밸런서를 끈다',
    },
    {
      pictures: [
        {
          topology: waiting,
          extra: [
            { ...provider, off: true },
            { ...outside, off: true },
          ],
        },
      ],
      caption: '남는 것은 빈칸, <pending>. 이것이 온프레미스다',
    },
  ],
}
