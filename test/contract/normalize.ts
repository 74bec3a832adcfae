/** What differs between two runs of one real cluster, made equal: ages, times, generated names, uids, versions of objects, allotted addresses and ports. */

const RULES: [RegExp, string][] = [
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/g, '<time>'],
  [/\b[EWI]\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ /g, '<log> '],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\b(?:containerd|docker|docker-pullable):\/\/\S+|\S+@sha256:[0-9a-f]{64}\b|\b(?:sha256:)?[0-9a-f]{64}\b/g, '<id>'],
  [/(resourceVersion"?: ?"?|Resource Version: +)\d+/g, '$1<n>'],
  // NAME-<template hash>-<suffix>, then the hash or the suffix alone
  [/-[0-9a-f]{7,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '-<hash>-<suffix>'],
  [/(-|(?:pod-template|controller-revision)-hash(?:"?[=:] ?)"?)(?=[0-9a-f]*\d)[0-9a-f]{7,10}\b/g, '$1<hash>'],
  [/-(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{5}\b|-[bcdfghjklmnpqrstvwxz]{5}\b(?=\s|$|["'])/g, '-<suffix>'],
  [/\bw[1-3]-k8s(?:\/192\.168\.1\.10[1-3])?/g, '<worker>'],
  [/\b172\.16\.\d+\.\d+\b/g, '<pod ip>'],
  [/\b10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+\b(?<!\b10\.96\.0\.1)/g, '<service ip>'],
  [/\b3[0-2]\d{3}(?=\/(?:TCP|UDP|SCTP))/g, '<node port>'],
  [/((?:nodePort|healthCheckNodePort)"?: )3[0-2]\d{3}\b/g, '$1<node port>'],
  [/\bv1\.35\.\d+/g, 'v1.35'],
  // the size of the image and how long its pull took
  [/in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\./g, 'in <age> (<age> including waiting). Image size: <n> bytes.'],
  [/Pulling image|already present on machine/g, '$&'],
  [/\b(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?\d+s( ago)?(?: \(x\d+ over \S+\))?(?![\w-])/g, '<age>'],
  [/(?<=\s)(?:\d+d(?:\d+h)?|\d+h(?:\d+m)?|\d+m)(?=\s|$)/g, '<age>'],
]

/** Commands whose durations are what they say, not how old something is. */
const KEEP_DURATIONS = /timeout|delay=|period=|grace|Seconds/i

/** One line of kubectl's output, with runs of blanks as two (columns move with their contents). */
function normalizeLine(line: string, namespace: string): string {
  let out = line.replaceAll(namespace, '<namespace>')
  for (const [pattern, to] of RULES) {
    if (to === '<age>' && KEEP_DURATIONS.test(out)) continue
    out = out.replace(pattern, to)
  }
  // columns move with their contents; indentation means something
  return out.replace(/(?<=\S)\s{2,}/g, '  ').trimEnd()
}

export function normalize(text: string, namespace: string): string[] {
  return text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => normalizeLine(line, namespace))
}
