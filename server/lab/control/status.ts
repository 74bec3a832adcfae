import type { LabStatus } from '../../protocol/lab-control.ts'
import type { LabContext } from '../context.ts'

export function clockStatus({ clock, startedAt }: LabContext): LabStatus['clock'] {
  const at = clock.now()
  return { at, speed: clock.speed, paused: clock.paused, elapsed: at - startedAt }
}

export function labStatus(lab: LabContext): LabStatus {
  return {
    preset: lab.preset.name,
    kubernetes: lab.settings.version,
    metallb: lab.preset.metallb,
    clock: clockStatus(lab),
    nodes: lab.preset.nodes.map(({ name, address }) => {
      const conditions: { type: string; status: string }[] = lab.store.get('nodes', null, name)?.status?.conditions ?? []
      const ready = conditions.find(({ type }) => type === 'Ready')?.status
      return { name, address, on: lab.power.isOn(name), ready: ready === 'True' || ready === 'False' ? ready : 'Unknown' }
    }),
  }
}
