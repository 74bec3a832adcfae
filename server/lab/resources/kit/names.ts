/** The rules for names, labels and the like, each giving the server's messages (apimachinery's util/validation). An empty list: valid. */
export type NameRule = (value: string) => string[]

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${QUALIFIED})?`
const ENVIRONMENT_NAME = '[-._a-zA-Z][-._a-zA-Z0-9]*'
const CONFIG_KEY = '[-._a-zA-Z0-9]+'
const HTTP_HEADER = '[-A-Za-z0-9]+'
const PERCENT = '[0-9]+%'

const compiled = new Map<string, RegExp>()

function matches(pattern: string, value: string): boolean {
  let regex = compiled.get(pattern)
  if (regex === undefined) compiled.set(pattern, (regex = new RegExp(`^${pattern}$`)))
  return regex.test(value)
}

function regexMessage(message: string, pattern: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${pattern}')`
  const list = examples.map((example) => `'${example}', `).join(' or ')
  return `${message} (e.g. ${list}regex used for validation is '${pattern}')`
}

function maxLengthMessage(limit: number): string {
  return `must be no more than ${limit} characters`
}

/** The newer wording, which labels have. */
function maxBytesMessage(limit: number): string {
  return `must be no more than ${limit} bytes`
}

export function rangeMessage(from: number, to: number): string {
  return `must be between ${from} and ${to}, inclusive`
}

/** Lengths are counted in bytes, as Go's len does. */
export function byteLength(value: string): number {
  return Buffer.byteLength(value)
}

function rule(limit: number, pattern: string, message: string, ...examples: string[]): NameRule {
  const text = regexMessage(message, pattern, ...examples)
  return (value) => [...(byteLength(value) > limit ? [maxLengthMessage(limit)] : []), ...(matches(pattern, value) ? [] : [text])]
}

export const dnsSubdomain: NameRule = rule(
  253,
  SUBDOMAIN,
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
)

/** Paths that names are searched in may have underscores too (IsDNS1123SubdomainWithUnderscore). */
export const relaxedSubdomain: NameRule = rule(
  253,
  '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*',
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  'example.com',
)

const dnsLabelText = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
)

export const dnsLabel: NameRule = (value) => {
  const errors = byteLength(value) > 63 ? [maxLengthMessage(63)] : []
  if (!matches(LABEL, value)) errors.push(matches(SUBDOMAIN, value) ? 'must not contain dots' : dnsLabelText)
  return errors
}

export const dns1035Label: NameRule = rule(
  63,
  LABEL_1035,
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  'my-name',
  'abc-123',
)

export const wildcardSubdomain: NameRule = rule(
  253,
  `\\*\\.${SUBDOMAIN}`,
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '*.example.com',
)

/** Names of roles and their bindings: anything that fits into a path (path.ValidatePathSegmentName). */
export const pathSegment: NameRule = (value) => {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((illegal) => value.includes(illegal)).map((illegal) => `may not contain '${illegal}'`)
}

/** Keys of labels, annotations, taints, names of finalizers: an optional DNS prefix, a slash, a name. */
export const qualifiedName: NameRule = (value) => {
  const parts = value.split('/')
  const format = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
  const examples = ['MyName', 'my.name', '123-abc']
  if (parts.length > 2) {
    return [
      `a valid label key ${regexMessage(format, QUALIFIED, ...examples)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const errors: string[] = []
  const [prefix, name] = parts.length === 2 ? (parts as [string, string]) : [undefined, parts[0] as string]
  if (prefix === '') errors.push('prefix part must be non-empty')
  else if (prefix !== undefined) errors.push(...dnsSubdomain(prefix).map((message) => `prefix part ${message}`))
  if (name === '') errors.push('name part must be non-empty')
  else if (byteLength(name) > 63) errors.push(`name part ${maxBytesMessage(63)}`)
  if (!matches(QUALIFIED, name)) errors.push(`name part ${regexMessage(format, QUALIFIED, ...examples)}`)
  return errors
}

const labelValueRule = rule(
  Infinity,
  LABEL_VALUE,
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  'MyValue',
  'my_value',
  '12345',
)

export const labelValue: NameRule = (value) => [...(byteLength(value) > 63 ? [maxBytesMessage(63)] : []), ...labelValueRule(value)]

function parentFolder(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

const environmentNameRule = rule(
  Infinity,
  ENVIRONMENT_NAME,
  "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
  'my.env-name',
  'MY_ENV.NAME',
  'MyEnvName1',
)

/** Up to 1.33. */
export const environmentName: NameRule = (value) => [...environmentNameRule(value), ...parentFolder(value)]

/** From 1.34 on, where RelaxedEnvironmentVariableValidation is on for good. */
export const relaxedEnvironmentName: NameRule = (value) => [
  ...(value === '' ? ['environment variable name must be non-empty'] : []),
  ...(/^[\x20-\x3c\x3e-\x7e]*$/.test(value)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]),
]

const configKeyRule = rule(
  253,
  CONFIG_KEY,
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  'key.name',
  'KEY_NAME',
  'key-name',
)

export const configKey: NameRule = (value) => [...configKeyRule(value), ...parentFolder(value)]

export const httpHeaderName: NameRule = rule(
  Infinity,
  HTTP_HEADER,
  "a valid HTTP header must consist of alphanumeric characters or '-'",
  'X-Header-Name',
)

export const percent: NameRule = rule(
  Infinity,
  PERCENT,
  "a valid percent string must be a numeric string followed by an ending '%'",
  '1%',
  '93%',
)

export const portName: NameRule = (value) => [
  ...(byteLength(value) > 15 ? [maxLengthMessage(15)] : []),
  ...(/^[-a-z0-9]+$/.test(value) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
  ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
  ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
  ...(value.startsWith('-') || value.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
]

/** For a generateName: a trailing hyphen is masked, since random letters follow (names.maskTrailingDash). */
export function asPrefix(value: string): string {
  return value.length > 1 && value.endsWith('-') ? `${value.slice(0, -2)}a` : value
}
