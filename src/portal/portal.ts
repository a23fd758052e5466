import { createHash } from 'node:crypto'
import type { Asset } from '../assets/asset.ts'
import { createEditions } from './editions.ts'
import { packageFiles } from './package-files.ts'
import { servedPackages } from './packages.ts'

/** The portal’s page and all files that it loads. */
export interface Portal {
  /** The page, with the Content-Security-Policy that it needs. */
  page(): Promise<{ readonly asset: Asset; readonly policy: string }>
  /** The file at an address below `/portal/`, or null. The content of an address never changes. */
  file(path: string): Promise<Asset | null>
}

/** `issuer` is the `iss` of Doorbell’s signatures. */
export const createPortal = (issuer: string): Portal => {
  const { importMap, styles, packages } = servedPackages()
  const map = JSON.stringify(importMap)
  const policy = policyFor(map)
  const editions = createEditions({ issuer, map, styles, modules: Object.values(importMap.imports) })
  const ofPackage = packageFiles(packages)
  return {
    page: async () => ({ asset: await editions.html(), policy }),
    file: async path => (path.startsWith('/portal/lib/') ? ofPackage(path) : editions.file(path)),
  }
}

/** Allows what comes from this server, and the one script that is part of the page: the import map. */
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
