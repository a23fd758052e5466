import type Router from '@koa/router'
import type { Context } from 'koa'
import { Failure } from '../domain/failure.ts'
import type { Asset } from '../portal/asset.ts'
import { createPortal } from '../portal/portal.ts'
import type { ApiDeps } from './deps.ts'

/** The portal’s page at `/`, and its files, which a browser keeps for good: their addresses change with their content. */
export const portalRoutes = (router: Router, { publicUrl }: Pick<ApiDeps, 'publicUrl'>): void => {
  const portal = createPortal(publicUrl)

  router.get('/', async context => {
    const { asset, policy } = await portal.page()
    context.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' })
    answer(context, asset)
  })

  router.get(/^\/portal\/.+/, async context => {
    const asset = await portal.file(context.path)
    if (asset === null) throw new Failure('not_found', `There is nothing at ${context.path}.`)
    context.set('Cache-Control', 'public, max-age=31536000, immutable')
    answer(context, asset)
  })
}

const answer = (context: Context, { type, bytes, gzipped, etag }: Asset): void => {
  context.set({ ETag: etag, Vary: 'Accept-Encoding' })
  context.type = type
  context.status = 200
  if (context.fresh) {
    context.status = 304
    return
  }
  const packed = context.acceptsEncodings('gzip', 'identity') === 'gzip' ? gzipped : null
  if (packed !== null) context.set('Content-Encoding', 'gzip')
  context.body = packed ?? bytes
}
