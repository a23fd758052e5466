import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'
import send from 'koa-send'

const root = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')))
const files = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const

/** The API reference: Swagger UI, served from its package, over /openapi.json. */
export const docsRoutes = (router: Router): void => {
  router.get('/docs', context => {
    // Swagger UI writes styles into its elements; nothing is loaded from elsewhere.
    context.set(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    context.type = 'text/html; charset=utf-8'
    context.body = page
  })
  router.get('/docs/start.js', context => {
    context.type = 'text/javascript; charset=utf-8'
    context.body = start
  })
  for (const file of files)
    router.get(`/docs/${file}`, async context => {
      await send(context, file, { root })
      context.set('Cache-Control', 'public, max-age=86400')
    })
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Doorbell · API reference</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<main id="reference"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
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
