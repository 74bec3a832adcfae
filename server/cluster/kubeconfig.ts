/** A kubeconfig that somebody gave us, cut down to one context: what the session's shell may see. */
import { accessSync, constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path'
import * as v from 'valibot'
import { parse, stringify } from 'yaml'
import { messageOf, Problem } from '../problem.ts'

const entry = <Key extends string, Schema extends v.GenericSchema>(key: Key, schema: Schema) =>
  v.array(v.looseObject({ name: v.string(), [key]: schema } as { name: v.StringSchema<undefined> } & Record<Key, Schema>))

const schema = v.looseObject({
  clusters: entry('cluster', v.looseObject({ server: v.pipe(v.string(), v.url()) })),
  contexts: entry('context', v.looseObject({ cluster: v.string(), user: v.optional(v.string()) })),
  users: v.optional(v.nullable(entry('user', v.nullable(v.looseObject({})))), []),
  'current-context': v.optional(v.string(), ''),
})

export interface OneContext {
  context: string
  /** URL of the API server. */
  server: string
  /** A kubeconfig with this context alone, all paths absolute, its namespace `default`. */
  text: string
}

/** Fields that name files, which a kubeconfig may give relative to itself. */
const FILES = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

function withAbsolutePaths(fields: Record<string, unknown>, folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, FILES.includes(key) && typeof value === 'string' ? resolve(folder, value) : value]),
  )
}

function findProgram(command: string, folder: string): string {
  if (isAbsolute(command)) return command
  if (/[/\\]/.test(command)) return resolve(folder, command)
  for (const place of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(place, command), constants.X_OK)
      return join(place, command)
    } catch {
      continue
    }
  }
  return command
}

/** A plug-in that fetches credentials needs the host's HOME and PATH, which the session's shell does not have: they are given to the plug-in alone. */
function withPlugIn(user: Record<string, unknown>, folder: string): Record<string, unknown> {
  const exec = user.exec as { command?: string; env?: { name: string; value: string }[] } | undefined
  if (!exec?.command) return user
  const own = (exec.env ?? []).map(({ name }) => name)
  const host = { HOME: homedir(), PATH: process.env.PATH ?? '' }
  const added = Object.entries(host).flatMap(([name, value]) => (own.includes(name) ? [] : [{ name, value }]))
  return { ...user, exec: { ...exec, command: findProgram(exec.command, folder), env: [...(exec.env ?? []), ...added] } }
}

/** Reads a kubeconfig and picks a context (null: its current one). Throws a Problem where that cannot be done. */
export async function readOneContext(file: string, context: string | null): Promise<OneContext> {
  const folder = dirname(resolve(file))
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message
    throw new Problem(`--kubeconfig ${file}: ${why}; give the path of a kubeconfig (kubectl uses ~/.kube/config)`)
  })
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch (error) {
    throw new Problem(`--kubeconfig ${file}: this is no YAML (${messageOf(error).split('\n')[0]}); give the path of a kubeconfig`)
  }
  const checked = v.safeParse(schema, parsed)
  if (!checked.success) {
    const issue = checked.issues[0]
    throw new Problem(
      `--kubeconfig ${file}: this is no kubeconfig (${v.getDotPath(issue) ?? 'the file'}: ${issue.message}); give the path of one`,
    )
  }
  const config = checked.output
  const name = context ?? config['current-context']
  const names = config.contexts.map((one) => one.name)
  const found = config.contexts.find((one) => one.name === name)
  if (!found) {
    const what = name === '' ? 'it has no current context' : `it has no context ${name}`
    throw new Problem(`--kubeconfig ${file}: ${what}; choose one with --context: ${names.join(', ') || '(there is none)'}`)
  }
  const cluster = config.clusters.find((one) => one.name === found.context.cluster)
  if (!cluster)
    throw new Problem(`--kubeconfig ${file}: the context ${name} names the cluster ${found.context.cluster}, which is not in the file`)
  const user = config.users?.find((one) => one.name === found.context.user)
  return {
    context: name,
    server: cluster.cluster.server,
    text: stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster.name, cluster: withAbsolutePaths(cluster.cluster, folder) }],
      users: [{ name: found.context.user ?? 'nobody', user: withPlugIn(withAbsolutePaths(user?.user ?? {}, folder), folder) }],
      contexts: [{ name, context: { cluster: cluster.name, user: found.context.user ?? 'nobody', namespace: 'default' } }],
      'current-context': name,
    }),
  }
}
