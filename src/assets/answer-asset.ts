import type { Context } from 'koa'
import type { Asset } from './asset.ts'

/** Answers with a file: compressed where the client accepts gzip, and with 304 where it has this version already. */
export const answerAsset = (context: Context, { type, bytes, gzipped, etag }: Asset): void => {
  context.set({ ETag: etag, Vary: 'Accept-Encoding' })
  context.type = type
  context.status = 200
  if (context.fresh) {
    context.status = 304
    return
  }
  const compressed = context.acceptsEncodings('gzip', 'identity') === 'gzip' ? gzipped : null
  if (compressed !== null) context.set('Content-Encoding', 'gzip')
  context.body = compressed ?? bytes
}
