import { echo, endpoints, threePods } from './echo-cluster.ts'
import { fold, neighbours, nodes, service } from './scene-parts.ts'
import type { DiagramScene } from './scene-types.ts'

const APP = 'np-pods'
const before = [...nodes(), ...threePods(APP)]
const opened = [
  ...before,
  service('np-svc', 'NodePort', {
    endpoints: endpoints('4t5lz', '96wqb', 'lfxzt'),
    ports: [{ name: null, port: 80, targetPort: '80', nodePort: 30080, protocol: 'TCP' }],
  }),
]

/** Every node opens the same port; the node that is asked is seldom the node that answers. */
export const nodeportScene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    { pictures: [{ topology: fold(before) }], caption: '파드 셋은 클러스터 안에만 있다. 클라이언트가 아는 것은 노드의 주소뿐이다' },
    { pictures: [{ topology: fold(opened) }], caption: '파드가 있든 없든 모든 노드가 같은 포트를 연다' },
    {
      pictures: [
        {
          topology: fold([...opened, neighbours(['192.168.1.101', 'w1-k8s'])]),
          trace: { request: echo('http://192.168.1.101:30080', 'w1-k8s', 'lfxzt', APP, 'np-svc') },
        },
      ],
      caption: 'w1에 물었는데 w3의 파드가 대답한다: 스위치를 한 번 더 건넌다',
    },
    {
      pictures: [
        {
          topology: fold([...opened, neighbours(['192.168.1.10', 'm-k8s'], ['192.168.1.101', 'w1-k8s'])]),
          trace: { request: echo('http://192.168.1.10:30080', 'm-k8s', '96wqb', APP, 'np-svc') },
        },
      ],
      caption: '파드가 하나도 없는 m에 물어도 대답이 온다',
    },
  ],
}
