/** What the control plane keeps for itself in kube-system: an account for each of its controllers, and how its API server knows who asks. */
import { minorVersion } from '../resources/kit/version.ts'
import { certificateAuthority } from '../machinery/root-ca.ts'
import type { Seeder } from './seeder.ts'

/** Controllers with accounts of their own (--use-service-account-credentials), with the minor versions from and until which there is one. */
const CONTROLLERS: [name: string, from?: number, until?: number][] = [
  ['attachdetach-controller'],
  ['certificate-controller'],
  ['clusterrole-aggregation-controller'],
  ['cronjob-controller'],
  ['daemon-set-controller'],
  ['deployment-controller'],
  ['disruption-controller'],
  ['endpoint-controller'],
  ['endpointslice-controller'],
  ['endpointslicemirroring-controller'],
  ['ephemeral-volume-controller', 21],
  ['expand-controller'],
  ['generic-garbage-collector'],
  ['horizontal-pod-autoscaler'],
  ['job-controller'],
  ['legacy-service-account-token-cleaner', 28],
  ['namespace-controller'],
  ['node-controller'],
  ['persistent-volume-binder'],
  ['pod-garbage-collector'],
  ['pv-protection-controller'],
  ['pvc-protection-controller'],
  ['replicaset-controller'],
  ['replication-controller'],
  ['resource-claim-controller', 34],
  ['resourcequota-controller'],
  ['root-ca-cert-publisher'],
  ['service-account-controller'],
  ['service-cidrs-controller', 33],
  ['service-controller', 0, 30],
  ['statefulset-controller'],
  ['ttl-after-finished-controller', 21],
  ['ttl-controller'],
  ['validatingadmissionpolicy-status-controller', 30],
  ['volumeattributesclass-protection-controller', 34],
]

/** Those that only kubeadm switches on. */
const KUBEADM_CONTROLLERS = ['bootstrap-signer', 'token-cleaner']

export function seedControlPlaneAccounts(seeder: Seeder): void {
  const { settings, preset } = seeder.lab
  const minor = minorVersion(settings)
  const names = CONTROLLERS.filter(([, from = 0, until = Infinity]) => minor >= from && minor <= until).map(([name]) => name)
  if (preset.installer === 'kubeadm') names.push(...KUBEADM_CONTROLLERS)
  for (const name of names.toSorted()) {
    seeder.create('serviceaccounts', { metadata: { name, namespace: 'kube-system' } }, 2000, 'kube-controller-manager')
  }
  const map = (name: string, data: Record<string, string>): void => {
    seeder.create('configmaps', { metadata: { name, namespace: 'kube-system' }, data }, 0, 'kube-apiserver')
  }
  map('extension-apiserver-authentication', {
    'client-ca-file': certificateAuthority(),
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': certificateAuthority(),
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  })
  if (minor >= 26) map('kube-apiserver-legacy-service-account-token-tracking', { since: seeder.time(0).slice(0, 10) })
}
