import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { Refusal } from './refusal.ts'

const limitBytes = 4_096

/** Reads the small JSON body of a page's request. Other content types are rejected, because a form of another site could send them. */
export const readJson = async (context: Context): Promise<object> => {
  if (context.request.type !== 'application/json') throw new Refusal(415, 'The body must be JSON.')
  const bytes = await getRawBody(context.req, { limit: limitBytes }).catch(() => {
    throw new Refusal(413, `The body is larger than ${limitBytes} bytes or incomplete.`)
  })
  try {
    const read: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof read === 'object' && read !== null) return read
  } catch {
    // The error below covers this case.
  }
  throw new Refusal(400, 'The body must be a JSON object.')
}
