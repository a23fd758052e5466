import type { Context } from 'koa'
import { createBodyCheck } from './body-check.ts'
import type { CallMiddleware } from './call.ts'
import type { Operation } from './operation.ts'
import { readJson, readOptionalJson } from './read-json.ts'

/** Reads the body into `context.state.body`, and checks it by the operation’s schema. Null: the operation takes none. */
export const readBody = ({ body }: Operation): CallMiddleware | null => {
  if (body === undefined) return null
  const { schema, limitBytes, optional } = body
  const check = createBodyCheck(schema)
  const read =
    optional === true
      ? async (context: Context) => (await readOptionalJson(context, limitBytes)) ?? {}
      : (context: Context) => readJson(context, limitBytes)
  return async (context, next) => {
    context.state.body = check(await read(context))
    return next()
  }
}
