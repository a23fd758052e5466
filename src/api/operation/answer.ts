import type { TSchema } from 'typebox'
import type { CallMiddleware, Handler } from './call.ts'
import type { Operation } from './operation.ts'
import { compilePick } from './pick.ts'

/** The last middleware: answers with what the handler returns, and of it only the fields that the declared answer names. */
export const answerWith = <O extends Operation>(operation: O, handle: Handler<O>): CallMiddleware => {
  const picks = new Map(
    Object.entries(operation.answers).map(([status, { schema }]) => [Number(status), pickFor(schema)]),
  )
  const successes = [...picks.keys()].filter(status => status < 300)
  const onlySuccess = successes.length === 1 ? successes[0] : undefined
  const run = handle as unknown as (call: Parameters<CallMiddleware>[0]) => unknown
  return async context => {
    if (onlySuccess !== undefined) context.status = onlySuccess
    const body = await run(context)
    const pick = picks.get(context.status)
    if (pick === undefined) throw new Error(`${operation.id} does not declare its answer ${context.status}`)
    if (body !== undefined) context.body = pick(body)
  }
}

/** Pages and streams have no schema: their handlers write them themselves. */
const pickFor = (schema: TSchema | undefined): ((body: unknown) => unknown) =>
  schema === undefined ? body => body : compilePick(schema)
