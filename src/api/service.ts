import type Router from '@koa/router'
import type { ApiDeps } from './deps.ts'

/** What is open to everybody: the key set, health, and a first page. */
export const serviceRoutes = (router: Router, deps: ApiDeps): void => {
  router.get('/.well-known/jwks.json', context => {
    // Short enough that a new key is known everywhere before its first use.
    context.set('Cache-Control', 'public, max-age=300')
    context.body = deps.jwks()
    context.type = 'application/jwk-set+json'
  })

  /** Alive: the process answers. */
  router.get('/livez', context => {
    context.body = { status: 'ok' }
  })

  /** Ready: NATS and MongoDB answer, and the process is not ending. */
  router.get('/readyz', async context => {
    const checks = await deps.checks()
    const ready = Object.values(checks).every(check => check === 'ok')
    context.status = ready ? 200 : 503
    context.body = { status: ready ? 'ok' : 'unavailable', checks }
  })

  router.get('/', context => {
    context.set(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    context.type = 'text/html; charset=utf-8'
    context.body = page
  })
}

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Doorbell</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.6 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>Doorbell</h1>
<p>Webhooks for visitor check-ins. The service runs.</p>
<ul>
<li><a href="/v1/event-types">Event types</a>, with their schemas and samples</li>
<li><a href="/.well-known/jwks.json">Key set</a>, to verify signatures with</li>
<li><a href="/readyz">Readiness</a></li>
</ul>
</html>
`
