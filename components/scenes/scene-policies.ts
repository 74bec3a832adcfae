import { balancer, echo, HELD, known, sixPods } from './echo-cluster.ts'
import { ADDRESS, fold, metallb, nodes } from './scene-parts.ts'
import type { DiagramScene, Picture } from './scene-types.ts'

const cluster = [...nodes('running'), metallb(), ...sixPods(), known()]

const clusterPolicy: Picture = {
  topology: fold([...cluster, balancer(HELD)]),
  trace: { request: echo(`http://${ADDRESS}`, 'w1-k8s', 'lfxzt', undefined, undefined, false) },
  label: 'Cluster: 모든 노드의 파드로. 한 번 더 건너고, 파드는 노드의 주소를 본다',
}
const localPolicy: Picture = {
  topology: fold([...cluster, balancer({ ...HELD, externalTrafficPolicy: 'Local' })]),
  trace: { request: echo(`http://${ADDRESS}`, 'w1-k8s', 'jn6hr', undefined, undefined, false) },
  label: 'Local: 들어온 노드의 파드로만. 건너지 않고, 파드는 클라이언트의 주소를 본다',
}

/** One node takes all of an address's traffic; the policy only says whether it hands on. */
export const policiesScene: DiagramScene = {
  kind: 'diagram',
  height: 388,
  beats: [{ pictures: [clusterPolicy, null] }, { pictures: [clusterPolicy, localPolicy] }],
}
