/** Strict decoding of YAML into Go structs in the words of gopkg.in/yaml.v2, which MetalLB up to 0.12 reads its ConfigMap with. */
import { LineCounter, isMap, isScalar, isSeq, parseDocument } from 'yaml'
import type { Node, Scalar, YAMLError } from 'yaml'
import { ConfigError } from '../configuration/config-error.ts'

export type Shape =
  | { is: 'string' | 'bool' | 'number'; go: string }
  | { is: 'list'; of: Shape }
  | { is: 'map'; of: Shape }
  | { is: 'struct'; go: string; fields: Record<string, Shape> }

export const TEXT: Shape = { is: 'string', go: 'string' }

function goType(shape: Shape): string {
  if (shape.is === 'list') return `[]${goType(shape.of)}`
  if (shape.is === 'map') return `map[string]${goType(shape.of)}`
  return shape.go
}

/** The tag that YAML 1.1 gives a plain scalar. */
function tagOf({ source = '', type }: Scalar): string {
  if (type !== 'PLAIN') return '!!str'
  if (/^(~|null|Null|NULL|)$/.test(source)) return '!!null'
  if (/^(y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/.test(source)) return '!!bool'
  if (/^[-+]?(0x[0-9a-fA-F]+|0b[01]+|\d[\d_]*)$/.test(source)) return '!!int'
  return /^[-+]?(\d[\d_]*)?\.?\d+([eE][-+]?\d+)?$/.test(source) ? '!!float' : '!!str'
}

/** yaml.v2's words for what cannot be parsed, with the line: the scanner counts from 1, the parser from 0. */
function syntaxError({ code, message, linePos }: YAMLError): string {
  const line = linePos?.[0].line ?? 1
  const at = (number: number, words: string): string => `yaml: ${number > 0 ? `line ${number}: ` : ''}${words}`
  if (code === 'TAB_AS_INDENT') return at(line, 'found character that cannot start any token')
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return at(line, 'mapping values are not allowed in this context')
  if (code === 'MISSING_CHAR' && /quote/.test(message)) return at(line, 'found unexpected end of stream')
  if (code === 'MISSING_CHAR' && /Flow/i.test(message)) return at(line - 1, "did not find expected ',' or ']'")
  return at(line - 1, 'did not find expected key')
}

/** The value that the text makes in this shape. Throws {@link ConfigError} with all that is wrong in it. */
export function decodeStrictly(text: string, shape: Shape): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.1', uniqueKeys: false, keepSourceTokens: true })
  const [first] = document.errors
  if (first) throw new ConfigError(syntaxError(first))
  const errors: string[] = []
  const lineOf = (node: Node): number => lines.linePos(node.range?.[0] ?? 0).line

  const mismatch = (node: Node, wanted: Shape): undefined => {
    const source = isScalar(node) ? (node.source ?? '') : ''
    const tag = isScalar(node) ? tagOf(node) : isSeq(node) ? '!!seq' : '!!map'
    const shown = isScalar(node) ? ` \`${source.length > 10 ? `${source.slice(0, 7)}...` : source}\`` : ''
    errors.push(`line ${lineOf(node)}: cannot unmarshal ${tag}${shown} into ${goType(wanted)}`)
    return undefined
  }
  const decode = (node: Node | null | undefined, wanted: Shape): unknown => {
    if (!node || (isScalar(node) && tagOf(node) === '!!null')) return undefined
    switch (wanted.is) {
      case 'string':
        return isScalar(node) ? String(node.source ?? node.value) : mismatch(node, wanted)
      case 'bool':
        if (!isScalar(node) || tagOf(node) !== '!!bool') return mismatch(node, wanted)
        return /^(y|yes|true|on)$/i.test(node.source ?? '')
      case 'number':
        return isScalar(node) && tagOf(node) === '!!int' ? Number(node.source) : mismatch(node, wanted)
      case 'list':
        return isSeq(node) ? node.items.map((item) => decode(item as Node, wanted.of)) : mismatch(node, wanted)
      case 'map': {
        if (!isMap(node)) return mismatch(node, wanted)
        return Object.fromEntries(node.items.map(({ key, value }) => [String((key as Scalar).source), decode(value as Node, wanted.of)]))
      }
      case 'struct': {
        if (!isMap(node)) return mismatch(node, wanted)
        const decoded: Record<string, unknown> = {}
        for (const { key, value } of node.items) {
          const name = String((key as Scalar).source ?? '')
          const field = Object.hasOwn(wanted.fields, name) ? wanted.fields[name] : undefined
          if (!field) errors.push(`line ${lineOf(key as Node)}: field ${name} not found in type ${wanted.go}`)
          else if (Object.hasOwn(decoded, name)) errors.push(`line ${lineOf(key as Node)}: field ${name} already set in type ${wanted.go}`)
          else decoded[name] = decode(value as Node, field)
        }
        return decoded
      }
    }
  }
  const value = decode(document.contents, shape)
  if (errors.length > 0) throw new ConfigError(`yaml: unmarshal errors:\n${errors.map((error) => `  ${error}`).join('\n')}`)
  return value
}
