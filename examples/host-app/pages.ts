import { createReadStream, readdirSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'

const root = join(import.meta.dirname, 'pages')
const htm = fileURLToPath(import.meta.resolve('htm/preact/standalone'))

/** The two pages by their paths. */
const pages: Readonly<Record<string, string>> = {
  '/': 'host/host.html',
  '/front-desk': 'front-desk/front-desk.html',
}

/** Serves the two pages and the files of the folder `pages/`, which is all that they load. */
export const pageRoutes = (router: Router): void => {
  for (const [path, file] of Object.entries(pages)) serve(router, path, join(root, file))
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (extname(file) !== '' && extname(file) !== '.html') serve(router, `/${file}`, join(root, file))
  serve(router, '/htm-preact.js', htm)
}

const serve = (router: Router, path: string, file: string): void => {
  router.get(path, context => {
    context.type = extname(file)
    context.body = createReadStream(file)
    context.set('Cache-Control', 'no-cache')
  })
}
