/** What every pod of a daemon set tolerates (AddOrUpdateDaemonPodTolerations). */
export function daemonTolerations(spec: { hostNetwork?: boolean }): { key: string; operator: string; effect: string }[] {
  const exists = (key: string, effect: string): { key: string; operator: string; effect: string } => ({
    key: `node.kubernetes.io/${key}`,
    operator: 'Exists',
    effect,
  })
  return [
    exists('not-ready', 'NoExecute'),
    exists('unreachable', 'NoExecute'),
    exists('disk-pressure', 'NoSchedule'),
    exists('memory-pressure', 'NoSchedule'),
    exists('pid-pressure', 'NoSchedule'),
    exists('unschedulable', 'NoSchedule'),
    ...(spec.hostNetwork ? [exists('network-unavailable', 'NoSchedule')] : []),
  ]
}
