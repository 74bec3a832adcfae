/** A time in ms as metav1.Time is written: RFC 3339 in whole seconds, UTC. */
export function rfc3339(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}

/** A time in ms with nanoseconds, always nine digits of them: RFC3339NanoFixed of the kubelet, UTC. */
export function rfc3339NanoFixed(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000000Z`
}
