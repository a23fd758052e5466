import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type Router from '@koa/router'
import { answerAsset } from '../../assets/answer-asset.ts'
import { type Asset, assetOf, readAsset } from '../../assets/asset.ts'
import { packageFolder } from '../../assets/package-folder.ts'
import { Failure } from '../../domain/failure.ts'

/** The API reference at `/docs`: Swagger UI, served from its package, over /openapi.json. */
export const docsRoutes = (router: Router): void => {
  const folder = packageFolder('swagger-ui-dist', 'swagger-ui-dist/package.json')
  const edition = createHash('sha256')
    .update(readFileSync(join(folder, 'package.json')))
    .update(start)
    .digest('base64url')
    .slice(0, 16)
  const base = `/docs/${edition}`
  const ofPackage = (name: string) => once(() => readAsset(join(folder, name)))
  const page = once(() => assetOf(Buffer.from(pageOf(base)), 'text/html; charset=utf-8'))
  const files: ReadonlyMap<string, () => Promise<Asset>> = new Map([
    [`${base}/swagger-ui.css`, ofPackage('swagger-ui.css')],
    [`${base}/swagger-ui-bundle.js`, ofPackage('swagger-ui-bundle.js')],
    [`${base}/favicon-32x32.png`, ofPackage('favicon-32x32.png')],
    [`${base}/start.js`, once(() => assetOf(Buffer.from(start), 'text/javascript; charset=utf-8'))],
  ])

  router.get('/docs', async context => {
    // Swagger UI writes styles into its elements; nothing is loaded from elsewhere.
    context.set(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    context.set('Cache-Control', 'no-cache')
    answerAsset(context, await page())
  })
  router.get(/^\/docs\/.+/, async context => {
    const read = files.get(context.path)
    if (read === undefined) throw new Failure('not_found', `There is nothing at ${context.path}.`)
    context.set('Cache-Control', 'public, max-age=31536000, immutable')
    answerAsset(context, await read())
  })
}

/** Reads and compresses a file when it is first asked for: the bundle has 1.7 MB. */
const once = (read: () => Promise<Asset>) => {
  let asset: Promise<Asset> | undefined
  return () => (asset ??= read())
}

const pageOf = (base: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Doorbell · API reference</title>
<link rel="icon" href="${base}/favicon-32x32.png">
<link rel="stylesheet" href="${base}/swagger-ui.css">
<main id="reference"></main>
<script src="${base}/swagger-ui-bundle.js"></script>
<script src="${base}/start.js"></script>
</html>
`

const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#reference',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`
