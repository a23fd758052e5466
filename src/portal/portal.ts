import { createHash } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join, normalize } from 'node:path'
import { type Asset, assetOf, isServed, readAsset } from '../assets/asset.ts'
import { pageHtml } from './page-html.ts'
import { servedPackages } from './packages.ts'

/** The portal’s page and every file that it loads. */
export interface Portal {
  /** The page itself, with the Content-Security-Policy that it needs. */
  page(): Promise<{ readonly asset: Asset; readonly policy: string }>
  /** The file at an address below `/portal/`; null: there is none. Its content never changes. */
  file(path: string): Promise<Asset | null>
}

interface Edition {
  readonly html: Asset
  readonly files: ReadonlyMap<string, Asset>
  readonly readAt: number
}

const folder = join(import.meta.dirname, 'page')
/** An edit shows after a reload of the page, and nobody makes us read our files more often than this. */
const rereadAfterMs = 1_000
/** A page that is open while a new edition comes still finds its own files. */
const keptEditions = 3

/** `issuer`: the `iss` of our signatures. */
export const createPortal = (issuer: string): Portal => {
  const { importMap, styles, packages } = servedPackages()
  const map = JSON.stringify(importMap)
  const policy = policyFor(map)
  const fromPackages = new Map<string, Promise<Asset>>()
  const editions = new Map<string, Edition>()
  const ownFiles = new Map<string, { readonly changedAt: number; readonly asset: Asset }>()
  let reading: Promise<Edition> | null = null

  /** Types are blanked out, and bytes packed, once for each state of a file. */
  const ownFile = async (name: string): Promise<Asset> => {
    const path = join(folder, name)
    const { mtimeMs: changedAt } = await stat(path)
    const kept = ownFiles.get(name)
    if (kept?.changedAt === changedAt) return kept.asset
    const asset = await readAsset(path)
    ownFiles.set(name, { changedAt, asset })
    return asset
  }

  const read = async (): Promise<Edition> => {
    const names = (await readdir(folder, { recursive: true })).filter(
      name => isServed(name) && !name.endsWith('.test.ts'),
    )
    const files = await Promise.all(names.toSorted().map(async name => [name, await ownFile(name)] as const))
    const hash = createHash('sha256')
    for (const [name, { etag }] of files) hash.update(name).update(etag)
    const base = `/portal/page/${hash.digest('base64url').slice(0, 16)}`
    const modules = [
      ...Object.values(importMap.imports),
      ...names.filter(name => name.endsWith('.ts')).map(name => `${base}/${name}`),
    ]
    const ownStyles = names.filter(name => name.endsWith('.css')).map(name => `${base}/${name}`)
    const html = pageHtml({ issuer, base, map, styles: [...styles, ...ownStyles.toSorted(tokensFirst)], modules })
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

  const edition = async (): Promise<Edition> => {
    const last = [...editions.values()].at(-1)
    if (last !== undefined && Date.now() - last.readAt < rereadAfterMs) return last
    reading ??= read().finally(() => {
      reading = null
    })
    return reading
  }

  const ofPackage = async (path: string): Promise<Asset | null> => {
    const [, id = '', file = ''] = /^\/portal\/lib\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(path) ?? []
    const found = packages.get(id)
    if (found === undefined || !isServed(file) || normalize(file) !== file || file.startsWith('..')) return null
    const asset = fromPackages.get(path) ?? readAsset(join(found.folder, file))
    fromPackages.set(path, asset)
    try {
      return await asset
    } catch {
      fromPackages.delete(path)
      return null
    }
  }

  return {
    page: async () => ({ asset: (await edition()).html, policy }),
    file: async path => {
      if (path.startsWith('/portal/lib/')) return ofPackage(path)
      if (editions.size === 0) await edition()
      return [...editions.values()].map(({ files }) => files.get(path)).find(asset => asset !== undefined) ?? null
    },
  }
}

/** A view’s own rules come after those that all share. */
const tokensFirst = (one: string, other: string): number =>
  Number(other.endsWith('/style.css')) - Number(one.endsWith('/style.css'))

/** Everything from here, and one script that stands in the page: the import map. */
const policyFor = (map: string): string => {
  const hash = createHash('sha256').update(map).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
