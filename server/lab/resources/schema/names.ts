/** OpenAPI's names of types and the short ones used here: `io.k8s.api.core.v1.Pod` is `core.v1.Pod`. */
const PREFIXES: [short: string, full: string][] = [
  ['meta.v1.', 'io.k8s.apimachinery.pkg.apis.meta.v1.'],
  ['apiextensions.v1.', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'],
  ['apiregistration.v1.', 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.'],
  ['machinery.', 'io.k8s.apimachinery.pkg.'],
  ['', 'io.k8s.api.'],
]

export function shortName(full: string): string {
  const found = PREFIXES.find(([, prefix]) => full.startsWith(prefix))
  if (found === undefined) throw new Error(`${full}: no short name for this package; add it to PREFIXES`)
  return `${found[0]}${full.slice(found[1].length)}`
}

export function fullName(short: string): string {
  const found = PREFIXES.find(([prefix]) => short.startsWith(prefix)) as [string, string]
  return `${found[1]}${short.slice(found[0].length)}`
}
