/** One file out of a zip archive, by its central directory. Enough for an archive that is known (no zip64, no encryption). */
import { readFile, writeFile } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'

const END = 0x06054b50
const CENTRAL = 0x02014b50

/** Writes the entry `name` of `archive` to `target`. Rejects where the archive has no such entry. */
export async function unzipEntry(archive: string, name: string, target: string): Promise<void> {
  const bytes = await readFile(archive)
  let end = bytes.length - 22
  while (end >= 0 && bytes.readUInt32LE(end) !== END) end--
  if (end < 0) throw new Error(`${archive} is no zip archive`)
  let at = bytes.readUInt32LE(end + 16)
  while (at < end && bytes.readUInt32LE(at) === CENTRAL) {
    const nameLength = bytes.readUInt16LE(at + 28)
    if (bytes.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const method = bytes.readUInt16LE(at + 10)
      const size = bytes.readUInt32LE(at + 20)
      const local = bytes.readUInt32LE(at + 42)
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
      const data = bytes.subarray(start, start + size)
      return writeFile(target, method === 0 ? data : inflateRawSync(data))
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  throw new Error(`${archive} has no ${name}`)
}
