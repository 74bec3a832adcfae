/** Stands in for parts of the lab that are still to come: nodes that are ready, and nothing that runs on them. */
import type { LabContext } from './context.ts'
import type { Preset } from './presets/preset.ts'
import type { Disposable } from './store/store.ts'

const today: Preset = {
  name: 'today',
  settings: { version: 'v1.35.4', serviceCidr: '10.96.0.0/12', nodePortRange: { from: 30000, to: 32767 }, podCidr: '172.16.0.0/16' },
  metallb: 'v0.15.3',
  nodeMonitorGracePeriod: 50_000,
  nodes: ['m-k8s', 'w1-k8s', 'w2-k8s', 'w3-k8s'].map((name, i) => ({
    name,
    address: i === 0 ? '192.168.1.10' : `192.168.1.10${i}`,
    controlPlane: i === 0,
    podCidr: `172.16.${i}.0/24`,
  })),
  seed({ store, preset, settings }) {
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) store.create('namespaces', { metadata: { name } })
    for (const { name, address } of preset.nodes) {
      store.create('nodes', {
        metadata: { name, labels: { 'kubernetes.io/hostname': name } },
        status: {
          addresses: [{ type: 'InternalIP', address }],
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: settings.version },
        },
      })
    }
  },
}

export function findPreset(name: string): Preset | undefined {
  return name === 'today' ? today : undefined
}

export function presetNames(): string[] {
  return ['today']
}

export function startControllers(_lab: LabContext): Disposable {
  return { dispose() {} }
}

export function startKubelets(_lab: LabContext): Disposable {
  return { dispose() {} }
}
