import type { ClusterSettings } from '../definition.ts'

/** The minor version that the cluster says it is: 35 for v1.35.4. */
export function minorVersion(settings: Pick<ClusterSettings, 'version'>): number {
  const minor = /^v1\.(\d+)\./.exec(settings.version)?.[1]
  if (minor === undefined)
    throw new Error(`The preset's version ${JSON.stringify(settings.version)} is no Kubernetes version; write it as v1.35.4.`)
  return Number(minor)
}
