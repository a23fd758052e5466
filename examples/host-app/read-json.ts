import type { Context } from 'koa'
import getRawBody from 'raw-body'
import { Refusal } from './refusal.ts'

const limitBytes = 4_096

/** The small JSON body of a page's request. Only JSON is taken: a form of another site cannot send it. */
export const readJson = async (context: Context): Promise<object> => {
  if (context.request.type !== 'application/json') throw new Refusal(415, 'Send JSON.')
  const bytes = await getRawBody(context.req, { limit: limitBytes }).catch(() => {
    throw new Refusal(413, `The body is larger than ${limitBytes} bytes, or was cut off.`)
  })
  try {
    const read: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof read === 'object' && read !== null) return read
  } catch {
    // Said below.
  }
  throw new Refusal(400, 'The body is no JSON object.')
}
