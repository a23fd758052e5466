import { join, normalize } from 'node:path'
import { type Asset, isServed, readAsset } from '../assets/asset.ts'
import type { ServedPackage } from './packages.ts'

/** Serves files of the packages that the page uses, from `/portal/lib/<name>@<version>/<file>`. Returns null for anything else. */
export const packageFiles = (packages: ReadonlyMap<string, ServedPackage>) => {
  const kept = new Map<string, Promise<Asset>>()
  return async (path: string): Promise<Asset | null> => {
    const [, id = '', file = ''] = /^\/portal\/lib\/((?:@[^/]+\/)?[^/]+)\/(.+)$/.exec(path) ?? []
    const found = packages.get(id)
    if (found === undefined || !isServed(file) || normalize(file) !== file || file.startsWith('..')) return null
    const asset = kept.get(path) ?? readAsset(join(found.folder, file))
    kept.set(path, asset)
    try {
      return await asset
    } catch {
      // An address that has no file must not stay in memory.
      kept.delete(path)
      return null
    }
  }
}
