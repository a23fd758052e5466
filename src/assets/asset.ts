import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** A file in the form in which a browser gets it. */
export interface Asset {
  readonly type: string
  readonly bytes: Buffer
  /** The compressed bytes; null where compression saves nothing. */
  readonly gzipped: Buffer | null
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Whether a file may be sent to a browser. False for everything that no page loads, e.g. a package’s documentation. */
export const isServed = (path: string): boolean => Object.hasOwn(types, extname(path))

/** Reads a file. The types of TypeScript are replaced by blanks, so lines and columns match the source. */
export const readAsset = async (path: string): Promise<Asset> => {
  const extension = extname(path)
  const stored = await readFile(path)
  const bytes = extension === '.ts' ? Buffer.from(stripTypeScriptTypes(stored.toString())) : stored
  return assetOf(bytes, types[extension] ?? 'application/octet-stream')
}

const compressedInThemselves: ReadonlySet<string> = new Set(['font/woff2', 'image/png'])

/** Makes an asset of bytes that are in memory already. */
export const assetOf = async (bytes: Buffer, type: string): Promise<Asset> => ({
  type,
  bytes,
  gzipped: compressedInThemselves.has(type) ? null : await promisify(gzip)(bytes),
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
})
