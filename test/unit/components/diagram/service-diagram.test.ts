import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSSRApp, h, type Component } from 'vue'
import { renderToString } from 'vue/server-renderer'
import FailoverTimeline from '../../../../components/diagram/FailoverTimeline.vue'
import ServiceDiagram from '../../../../components/diagram/ServiceDiagram.vue'
import SceneStage from '../../../../components/scenes/SceneStage.vue'
import { clicksOf, SCENES, sceneNamed } from '../../../../components/scenes/scene-index.ts'
import { SAMPLES } from './sample-topologies.ts'

/** The HTML, and what Vue warned of while making it. */
async function render(component: Component, props: Record<string, unknown>): Promise<{ html: string; warnings: string[] }> {
  const app = createSSRApp({ render: () => h(component, props) })
  const warnings: string[] = []
  app.config.warnHandler = (message) => void warnings.push(message)
  return { html: await renderToString(app), warnings }
}

const texts = (html: string): string[] =>
  [...html.matchAll(/<text[^>]*>(.*?)<\/text>/gs)].map(([, text]) => text!.replaceAll(/<!--.*?-->/g, '').trim()).filter(Boolean)

describe('the service diagram', () => {
  test.each(Object.keys(SAMPLES))('renders on a server without complaint: %s', async (name) => {
    for (const still of [true, false]) {
      const { html, warnings } = await render(ServiceDiagram, { topology: SAMPLES[name], still, height: 400 })
      expect(warnings).toEqual([])
      expect(html).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  test('says in words what is on it', async () => {
    const { html } = await render(ServiceDiagram, { topology: SAMPLES['an address that somebody holds'], still: true, height: 400 })
    expect(texts(html).join(' | ')).toMatchInlineSnapshot(
      `"스위치 · 192.168.1.x | 요청 1 | 클라이언트 | 192.168.1.1 | 클라이언트의 ARP 표 | 192.168.1.11 | → w1-k8s | lb-hname-svc | Service · LoadBalancer | 외부 주소 | 192.168.1.11 | 포트 | 80:32399 | 정책 | Cluster | 엔드포인트 | 6 | 대답하는 노드 | w1-k8s | Ready | m-k8s | 192.168.1.10 | 컨트롤 플레인: 일반 Pod 없음 | kube-proxy | speaker | Ready | w1-k8s | 192.168.1.101 | kube-proxy | speaker | 4t5lz | 172.16.1.4 | jn6hr | 172.16.1.3 | Ready | w2-k8s | 192.168.1.102 | kube-proxy | speaker | 96wqb | 172.16.2.4 | dct2x | 1 | 172.16.2.5 | controller | 172.16.2.2 | Ready | w3-k8s | 192.168.1.103 | kube-proxy | speaker | lfxzt | 172.16.3.4 | lwpbz | 172.16.3.3 | 192.168.1.11"`,
    )
  })

  test('shows the last request without motion', async () => {
    const { html } = await render(ServiceDiagram, { topology: SAMPLES['an address that somebody holds'], still: true, height: 400 })
    expect(html).toContain('class="trace-trail"')
    const live = await render(ServiceDiagram, { topology: SAMPLES['an address that somebody holds'], height: 400 })
    expect(live.html).not.toContain('class="trace-trail"')
  })
})

describe('the fail-over timeline', () => {
  test('says in words what has happened', async () => {
    const { html, warnings } = await render(FailoverTimeline, { topology: SAMPLES['the address has moved'], still: true })
    expect(warnings).toEqual([])
    expect(texts(html).join(' | ')).toMatchInlineSnapshot(
      `"노드가 죽고 | 전부 손실 | 세 번에 한 번 손실 | 손실 없음, Pod는 넷만 | 7초 주소 이동 | 50초 NotReady | 350초 Pod 대체"`,
    )
  })

  test('has no dot while the node lives', async () => {
    const { html } = await render(FailoverTimeline, { topology: SAMPLES['an address that somebody holds'], still: true })
    expect(html).not.toContain('class="now"')
  })
})

describe('the scenes', () => {
  test.each(Object.entries(SCENES))('render at every beat: %s', async (name, scene) => {
    for (let at = 0; at <= clicksOf(scene); at++) {
      const { html, warnings } = await render(SceneStage, { scene: name, at, still: true })
      expect(warnings).toEqual([])
      expect(html).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  test('have as many beats as their slides have clicks', () => {
    const slides = readFileSync(new URL('../../../../slides.md', import.meta.url), 'utf8').split(/^---$/m)
    const used = slides.flatMap((slide, index) => {
      const name = /<SceneDiagram scene="([^"]+)"/.exec(slide)?.[1]
      const clicks = Number(/^clicks: (\d+)$/m.exec(slides[index - 1] ?? '')?.[1])
      return name === undefined ? [] : [[name, clicks] as const]
    })
    expect(used).toEqual(used.map(([name]) => [name, clicksOf(sceneNamed(name))]))
    expect(new Set(used.map(([name]) => name))).toEqual(new Set(Object.keys(SCENES)))
  })

  test('that do not exist are named with those that do', () => {
    expect(() => sceneNamed('clowd')).toThrow(/there is no scene "clowd": use one of l4, /)
  })
})
