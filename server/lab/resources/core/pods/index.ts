import type { ClusterSettings, ResourceDefinition } from '../../definition.ts'
import { defineResource } from '../../define.ts'
import { rfc3339 } from '../../kit/time.ts'
import { minorVersion } from '../../kit/version.ts'
import { beyondLimits } from '../limit-ranger.ts'
import { admitPod, admitTolerations, forbidPod } from './admission.ts'
import { podColumns } from './columns.ts'
import { podDefaults } from './defaults.ts'
import { qualityOfService } from './quality.ts'
import { validateEphemeralContainersUpdate, validatePodUpdate } from './validate-update.ts'
import { validateNewPod } from './validate.ts'
import { podWarnings } from './warnings.ts'

const SUBRESOURCES = ['attach', 'binding', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'status']

/** What is known of a pod that the scheduler is not to look at yet (applySchedulingGatedCondition). */
function gatedCondition(now: number): object {
  return {
    lastProbeTime: null,
    lastTransitionTime: rfc3339(now),
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    reason: 'SchedulingGated',
    status: 'False',
    type: 'PodScheduled',
  }
}

export function pods(settings: ClusterSettings): ResourceDefinition {
  const minor = minorVersion(settings)
  const rules = { minor, isPod: true }
  return defineResource({
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    subresources: [...SUBRESOURCES, ...(minor >= 23 ? ['ephemeralcontainers'] : []), ...(minor >= 33 ? ['resize'] : [])].toSorted(),
    // Pods count generations from 1.34 on (PodObservedGenerationTracking).
    hasGeneration: minor >= 34,
    columns: podColumns(minor),
    strategy: {
      setDefaults: (pod) => podDefaults(pod, settings),
      prepareForCreate(pod, context) {
        pod['spec'] ??= {}
        admitPod(pod, context)
        pod['status'] = { phase: 'Pending', qosClass: qualityOfService(pod['spec']) }
        if (pod['spec'].schedulingGates?.length > 0) pod['status'].conditions = [gatedCondition(context.now)]
      },
      prepareForUpdate: (pod) => admitTolerations(pod),
      validate: (pod) => validateNewPod(pod, rules),
      validateUpdate: (pod, old) => validatePodUpdate(pod, old, rules),
      validateSubresource: (subresource, pod, old) =>
        subresource === 'ephemeralcontainers' ? validateEphemeralContainersUpdate(pod, old, rules) : [],
      warnings: podWarnings,
      forbid: (pod, old, context) => (old === null ? forbidPod(pod, context) : null),
      refuse: (pod, old, context) => (old === null ? beyondLimits(pod, context) : null),
      gracePeriodSeconds: (pod) => pod['spec']?.terminationGracePeriodSeconds ?? 30,
    },
    selectableFields: ({ spec = {}, status = {} }) => ({
      'spec.nodeName': spec.nodeName ?? '',
      'spec.restartPolicy': spec.restartPolicy ?? '',
      'spec.schedulerName': spec.schedulerName ?? '',
      'spec.serviceAccountName': spec.serviceAccountName ?? '',
      ...(minor >= 28 ? { 'spec.hostNetwork': String(spec.hostNetwork ?? false) } : {}),
      'status.phase': status.phase ?? '',
      'status.podIP': status.podIPs?.[0]?.ip ?? '',
      'status.nominatedNodeName': status.nominatedNodeName ?? '',
    }),
  })
}
