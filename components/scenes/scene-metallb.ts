import type { TopologyChange } from '../../server/protocol/topology.ts'
import { balancer, HELD, known, sixPods } from './echo-cluster.ts'
import { ADDRESS, controller, fold, metallb, nodes } from './scene-parts.ts'
import type { DiagramScene } from './scene-types.ts'

const bare: TopologyChange[] = [...nodes(), ...sixPods(), balancer()]
const managed: TopologyChange[] = [...nodes(), metallb(), ...sixPods(), controller('w2-k8s', '172.16.2.2')]
const staffed: TopologyChange[] = [...nodes('running'), metallb(), ...sixPods(), controller('w2-k8s', '172.16.2.2')]

/** Two trades: one gives out addresses, the other answers for them. */
export const metallbScene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    { pictures: [{ topology: fold(bare) }], caption: '빈자리: 주소를 줄 이도, 대답할 이도 없다' },
    {
      pictures: [{ topology: fold([...managed, balancer({ externalAddresses: [ADDRESS] })]), reason: '주소는 있는데 대답할 이가 없다' }],
      caption: 'controller는 하나: 풀에서 주소를 골라 Service에 적는다',
    },
    {
      pictures: [
        { topology: fold([...staffed, balancer({ externalAddresses: [ADDRESS] })]), reason: '누가 대답할지 노드마다 같은 계산을 한다' },
      ],
      caption: 'speaker는 노드마다 하나: 그 주소에 대신 대답하려고 서 있다',
    },
    {
      pictures: [{ topology: fold([...staffed, balancer(HELD), known()]) }],
      caption: '주소를 주는 이는 controller, 대답하는 이는 speaker 하나',
    },
  ],
}
