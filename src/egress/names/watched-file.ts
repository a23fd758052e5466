import { readFileSync, statSync } from 'node:fs'

/** The calls of the file system, which are synchronous: they take microseconds, and the asynchronous ones would wait in libuv's thread pool. */
export interface Files {
  readonly stat: (path: string) => { readonly mtimeMs: number; readonly size: number; readonly ino: number }
  readonly read: (path: string) => string
}

const real: Files = { stat: path => statSync(path), read: path => readFileSync(path, 'utf8') }

/** How old the knowledge of a file may be. */
export const lookEveryMs = 1_000

/**
 * Returns a function that returns a file's parsed content. Whether the file has changed is looked up at most once a second, when the content is
 * wanted. A file that is missing or cannot be read counts as empty.
 */
export const watchedFile = <T>(
  path: string,
  parse: (text: string) => T,
  now: () => number,
  { stat, read }: Files = real,
): (() => T) => {
  let lookedAt = -Infinity
  let version: string | undefined
  let content = parse('')
  const look = () => {
    try {
      const { mtimeMs, size, ino } = stat(path)
      const found = `${mtimeMs} ${size} ${ino}`
      if (found === version) return
      content = parse(read(path))
      version = found
    } catch {
      content = parse('')
      version = undefined
    }
  }
  return () => {
    if (now() - lookedAt >= lookEveryMs) {
      lookedAt = now()
      look()
    }
    return content
  }
}
