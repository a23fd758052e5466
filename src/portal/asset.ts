import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** A file as a browser gets it. */
export interface Asset {
  readonly type: string
  readonly bytes: Buffer
  /** The same for a browser that takes gzip; null where that saves nothing. */
  readonly gzipped: Buffer | null
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** False for what no page needs, e.g. a package’s documentation. */
export const isServed = (path: string): boolean => Object.hasOwn(types, extname(path))

/** Reads a file; of TypeScript the types are blanked out, so that lines and columns stay what they are in the source. */
export const readAsset = async (path: string): Promise<Asset> => {
  const extension = extname(path)
  const stored = await readFile(path)
  const bytes = extension === '.ts' ? Buffer.from(await stripTypes(stored.toString())) : stored
  return assetOf(bytes, types[extension] ?? 'application/octet-stream')
}

export const assetOf = async (bytes: Buffer, type: string): Promise<Asset> => ({
  type,
  bytes,
  gzipped: type === 'font/woff2' ? null : await promisify(gzip)(bytes),
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
})

/** Loaded when the page is asked for first: a compiler in WebAssembly, which a service without a page has no use for. */
const stripTypes = async (source: string): Promise<string> => {
  const { transformSync } = await import('amaro')
  return transformSync(source, { mode: 'strip-only' }).code
}
