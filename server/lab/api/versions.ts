/** The order of API versions. */

/** v2 before v1, v1 before v1beta1, as apimachinery's version.CompareKubeAwareVersionStrings sorts. */
export function compareVersions(a: string, b: string): number {
  const parse = (version: string): [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
    if (!match) return [-1, 0, 0]
    return [match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, Number(match[1]), Number(match[3] ?? 0)]
  }
  const left = parse(a)
  const right = parse(b)
  for (let i = 0; i < 3; i++) if (left[i] !== right[i]) return (right[i] as number) - (left[i] as number)
  return a < b ? -1 : 1
}
