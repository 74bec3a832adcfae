import { balancer, bareCluster } from './echo-cluster.ts'
import { ADDRESS, fold, node, pod, request, service } from './scene-parts.ts'
import type { DiagramScene } from './scene-types.ts'

const BOX = { id: 'l4', title: 'L4 로드밸런서', place: 'wire' as const }

/** Three servers as everyone has run them, behind one address that a box holds. */
const servers = fold([
  { op: 'neighbours', neighbours: [{ address: ADDRESS, host: 'L4 장비', mac: null, state: 'reachable' }], client: '192.168.1.1' },
  ...['server1', 'server2', 'server3'].map((name, index) => node(name, { address: `192.168.1.10${index + 1}` })),
  ...['server1', 'server2', 'server3'].map((name) => pod(name, 'nginx', name, ':80')),
  service('vip', 'LoadBalancer', { externalAddresses: [ADDRESS] }),
])
const visit = request('visit', `http://${ADDRESS}`, [
  { hop: 'frame', from: 'client', to: BOX.id, alive: true },
  { hop: 'frame', from: BOX.id, to: 'server2', alive: true },
  { hop: 'pod', node: 'server2', pod: 'server2-f54cc64dd-nginx', answered: true },
])

/** The box that the room knows; the same place in a cluster; and that this place is empty. */
export const l4Scene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    {
      pictures: [{ topology: servers, extra: [{ ...BOX, holds: true }], plain: true, trace: { request: visit } }],
      caption: '우리가 아는 그림: L4 장비가 주소 하나를 들고, 뒤의 서버로 나눈다',
    },
    {
      pictures: [
        {
          topology: fold([...bareCluster(), balancer({ externalAddresses: [ADDRESS] })]),
          extra: [{ ...BOX, off: true }],
          reason: '이 자리로 그대로 옮기고 싶은 주소',
        },
      ],
      caption: '그대로 옮기고 싶다: 주소의 자리는 이제 LoadBalancer 타입의 Service',
    },
    {
      pictures: [{ topology: fold([...bareCluster(), balancer()]), extra: [{ ...BOX, off: true }] }],
      caption: 'native한 쿠버네티스에는 이 자리를 채울 구현이 없다',
    },
  ],
}
