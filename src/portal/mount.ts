import Router from '@koa/router'
import type Koa from 'koa'
import { answerAsset } from '../assets/answer-asset.ts'
import { createPortal } from './portal.ts'

/**
 * Serves the portal's page at `/` and its files below `/portal/`. `issuer` is the `iss` of Doorbell's signatures. Browsers may keep the files for good:
 * an address changes with its content. A file that does not exist stays unanswered, as any other unknown path.
 */
export const mountPortal = (app: Koa, issuer: string): void => {
  const portal = createPortal(issuer)
  const router = new Router()

  router.get('/', async context => {
    const { asset, policy } = await portal.page()
    context.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-cache' })
    answerAsset(context, asset)
  })

  router.get(/^\/portal\/.+/, async context => {
    const asset = await portal.file(context.path)
    if (asset === null) return
    context.set('Cache-Control', 'public, max-age=31536000, immutable')
    answerAsset(context, asset)
  })

  app.use(router.routes()).use(router.allowedMethods())
}
