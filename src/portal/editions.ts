import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Asset, assetOf, isServed, readAsset } from '../assets/asset.ts'
import { type PageParts, pageHtml } from './page-html.ts'
import { stylesheetOf } from './stylesheet.ts'

/** One state of the page's own files. */
interface Edition {
  readonly html: Asset
  /** The files by their addresses. */
  readonly files: ReadonlyMap<string, Asset>
  readonly readAt: number
}

const folder = join(import.meta.dirname, 'page')
/** An edit shows after a reload of the page, and many requests a second do not read the files more often than this. */
const rereadAfterMs = 1_000
/** A page that is open when the files change still finds the files that it was loaded with. */
const keptEditions = 3

/** Reads the page's own files, and keeps the last few editions. `parts` are the same in every edition. */
export const createEditions = (parts: Pick<PageParts, 'issuer' | 'map' | 'styles' | 'modules'>) => {
  const editions = new Map<string, Edition>()
  const readFile = createFileReader()
  let reading: Promise<Edition> | null = null

  const read = async (): Promise<Edition> => {
    const sources = await ownSources(readFile)
    const files = [
      ...sources.filter(([name]) => !name.endsWith('.css')),
      ['style.css', await stylesheetOf(sources)],
    ] as const
    const base = `/portal/page/${hashOf(files)}`
    const html = pageHtml({
      ...parts,
      base,
      styles: [...parts.styles, `${base}/style.css`],
      modules: [...parts.modules, ...files.filter(([name]) => name.endsWith('.ts')).map(([name]) => `${base}/${name}`)],
    })
    const edition = {
      html: await assetOf(Buffer.from(html), 'text/html; charset=utf-8'),
      files: new Map(files.map(([name, asset]) => [`${base}/${name}`, asset])),
      readAt: Date.now(),
    }
    editions.delete(base)
    editions.set(base, edition)
    for (const oldest of [...editions.keys()].slice(0, -keptEditions)) editions.delete(oldest)
    return edition
  }

  const current = async (): Promise<Edition> => {
    const last = [...editions.values()].at(-1)
    if (last !== undefined && Date.now() - last.readAt < rereadAfterMs) return last
    reading ??= read().finally(() => {
      reading = null
    })
    return reading
  }

  return {
    /** The page with the addresses of the current files. */
    html: async (): Promise<Asset> => (await current()).html,
    /** The file at an address of a kept edition, or null. */
    file: async (path: string): Promise<Asset | null> => {
      if (editions.size === 0) await current()
      return [...editions.values()].map(({ files }) => files.get(path)).find(asset => asset !== undefined) ?? null
    },
  }
}

type NamedAsset = readonly [name: string, asset: Asset]

const ownSources = async (readFile: (name: string) => Promise<Asset>): Promise<readonly NamedAsset[]> => {
  const names = (await readdir(folder, { recursive: true })).filter(
    name => isServed(name) && !name.endsWith('.test.ts'),
  )
  return Promise.all(names.toSorted().map(async name => [name, await readFile(name)] as const))
}

/** Reads files of the page, each again only after it has changed. */
const createFileReader = () => {
  const kept = new Map<string, { readonly changedAt: number; readonly asset: Asset }>()
  return async (name: string): Promise<Asset> => {
    const path = join(folder, name)
    const { mtimeMs: changedAt } = await stat(path)
    const known = kept.get(name)
    if (known?.changedAt === changedAt) return known.asset
    const asset = await readAsset(path)
    kept.set(name, { changedAt, asset })
    return asset
  }
}

const hashOf = (files: readonly NamedAsset[]): string => {
  const hash = createHash('sha256')
  for (const [name, { etag }] of files) hash.update(name).update(etag)
  return hash.digest('base64url').slice(0, 16)
}
