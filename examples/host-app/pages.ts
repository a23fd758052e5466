import { createReadStream } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Router from '@koa/router'

const root = join(import.meta.dirname, 'pages')
const htm = fileURLToPath(import.meta.resolve('htm/preact/standalone'))

/** Each path and the file that it shows. */
const files: Readonly<Record<string, string>> = {
  '/': 'host.html',
  '/front-desk': 'front-desk.html',
  '/base.css': 'base.css',
  '/host.css': 'host.css',
  '/host.js': 'host.js',
  '/front-desk.css': 'front-desk.css',
  '/front-desk.js': 'front-desk.js',
  '/shared.js': 'shared.js',
  '/notifier.js': 'notifier.js',
  '/icon.svg': 'icon.svg',
  '/host.webmanifest': 'host.webmanifest',
}

/** The two pages, which load nothing from elsewhere. */
export const pageRoutes = (router: Router): void => {
  for (const [path, file] of Object.entries(files))
    router.get(path, context => {
      context.type = extname(file)
      context.body = createReadStream(join(root, file))
      context.set('Cache-Control', 'no-cache')
    })
  router.get('/htm-preact.js', context => {
    context.type = 'js'
    context.body = createReadStream(htm)
  })
}
