/**
 * The kubeconfig of a lab, with the names that kubeadm gives. Nobody has to say who he is: that is the administrator. There is no TLS to verify; some clients (@kubernetes/client-node) take plain HTTP only where
 * the file says that they need not.
 */
import { chmodSync, writeFileSync } from 'node:fs'

function kubeconfigText(server: string): string {
  return `apiVersion: v1
kind: Config
clusters:
- name: kubernetes
  cluster:
    server: ${server}
    insecure-skip-tls-verify: true
contexts:
- name: kubernetes-admin@kubernetes
  context:
    cluster: kubernetes
    user: kubernetes-admin
current-context: kubernetes-admin@kubernetes
users:
- name: kubernetes-admin
  user: {}
`
}

/** Writes it for its owner alone, also where the file was there before. */
export function writeKubeconfig(path: string, server: string): void {
  writeFileSync(path, kubeconfigText(server), { mode: 0o600 })
  chmodSync(path, 0o600)
}
