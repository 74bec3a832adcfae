import type { Hop, RequestTrace } from '../../protocol/topology.ts'

function line(hop: Hop): string {
  switch (hop.hop) {
    case 'arp':
      return `client asks the LAN: who has ${hop.address}?  ${hop.answeredBy ? `${hop.answeredBy} answers` : 'nobody answers'}`
    case 'frame':
      return `${hop.from} -> ${hop.to}${hop.alive ? '' : '  lost: the machine is switched off'}`
    case 'proxy':
      return `kube-proxy on ${hop.node}, service ${hop.namespace}/${hop.service}: ${hop.pod ? `picks ${hop.pod}` : 'has no endpoint to pick'}${hop.sourceRewritten ? ', source address rewritten' : ''}`
    case 'pod':
      return `pod ${hop.pod} on ${hop.node} ${hop.answered ? 'answers' : 'refuses: nothing listens on the port'}`
  }
}

const OUTCOMES: Record<RequestTrace['outcome'], string> = {
  answered: 'answered',
  refused: 'connection refused',
  reset: 'connection reset',
  lost: 'lost: no answer',
}

/** One line a hop, numbered, the outcome, and the body below. */
export function printTrace(trace: RequestTrace & { body: string | null }): string {
  const hops = trace.hops.map((hop, i) => `${String(i + 1).padStart(2)}  ${line(hop)}\n`).join('')
  const body = trace.body ? `\n${trace.body.endsWith('\n') ? trace.body : trace.body + '\n'}` : ''
  return `${trace.url} from the client outside\n${hops}    ${OUTCOMES[trace.outcome]}\n${body}`
}
