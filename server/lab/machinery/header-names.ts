/** A header's name as it is usually written: `Content-Type`. */
export function canonicalHeader(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())
}
