import { balancer, echo, HELD, known, sixPods } from './echo-cluster.ts'
import { ADDRESS, controller, fold, metallb, nodes } from './scene-parts.ts'
import type { DiagramScene } from './scene-types.ts'

const cluster = [...nodes('running'), metallb(), ...sixPods(), controller('w2-k8s', '172.16.2.2'), balancer(HELD)]
const asking = fold(cluster)
const answered = fold([...cluster, known()])
const visit = echo(`http://${ADDRESS}`, 'w1-k8s', 'dct2x')

/** One request, leg by leg: the question, the answer, the frame, kube-proxy's pick, the way to the pod. */
export const arpScene: DiagramScene = {
  kind: 'diagram',
  height: 640,
  beats: [
    { pictures: [{ topology: asking }], caption: `클라이언트는 ${ADDRESS}가 어느 기계인지 모른다` },
    { pictures: [{ topology: asking, trace: { request: visit, legs: 1 } }], caption: `ARP 질문, 랜 전체에: "${ADDRESS} 누구세요?"` },
    {
      pictures: [{ topology: answered, trace: { request: visit, legs: 2 } }],
      caption: 'w1의 speaker 하나만 대답한다: "여기, w1의 MAC으로"',
    },
    { pictures: [{ topology: answered, trace: { request: visit, legs: 3 } }], caption: '프레임은 스위치를 지나 w1로 간다' },
    { pictures: [{ topology: answered, trace: { request: visit, legs: 4 } }], caption: 'w1의 kube-proxy가 여섯 파드 가운데 하나를 고른다' },
    { pictures: [{ topology: answered, trace: { request: visit } }], caption: '그 파드가 w2에 있으면 한 번 더 건넌다. 대답은 되돌아간다' },
  ],
}
