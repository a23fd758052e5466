import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../domain/failure.ts'

/** Size and SHA-256 (hex) of a file of a backup. */
export interface FileSum {
  readonly bytes: number
  readonly sha256: string
}

export type FileSums = Readonly<Record<string, FileSum>>

/** Writes the files of a backup and sums up what it wrote. */
export const createFiles = (folder: string) => {
  const files = new Map<string, { file: FileHandle; hash: ReturnType<typeof createHash>; bytes: number }>()
  return {
    append: async (name: string, chunk: Uint8Array): Promise<void> => {
      let entry = files.get(name)
      if (entry === undefined) {
        entry = { file: await open(join(folder, name), 'wx', 0o600), hash: createHash('sha256'), bytes: 0 }
        files.set(name, entry)
      }
      await entry.file.appendFile(chunk)
      entry.hash.update(chunk)
      entry.bytes += chunk.length
    },
    /** Waits until everything is on disk. */
    finish: async (): Promise<FileSums> => {
      for (const { file } of files.values()) await file.sync()
      return Object.fromEntries(
        [...files].map(([name, { hash, bytes }]) => [name, { bytes, sha256: hash.digest('hex') }]),
      )
    },
    close: async (): Promise<void> => {
      for (const { file } of files.values()) await file.close()
    },
  }
}

const sumOf = async (path: string): Promise<FileSum> => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: hash.digest('hex') }
}

/** Reads the files of a backup and compares them with what was written. Throws Failure `conflict` that names the first file that differs. */
export const compareFiles = async (folder: string, sums: FileSums): Promise<void> => {
  for (const [name, expected] of Object.entries(sums)) {
    const path = join(folder, name)
    const found = await sumOf(path).catch((error: unknown) => {
      throw new Failure('conflict', `${path} cannot be read. The backup is not complete.`, { cause: error })
    })
    if (found.bytes !== expected.bytes || found.sha256 !== expected.sha256)
      throw new Failure(
        'conflict',
        `${path} has changed since it was saved: it holds ${found.bytes} bytes, and ${expected.bytes} were written. Use another backup.`,
      )
  }
}
