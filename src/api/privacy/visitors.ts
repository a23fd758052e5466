import { ulid } from 'ulid'
import { type Erasure, newErasure } from '../../domain/erasure.ts'
import { Failure } from '../../domain/failure.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { visitorOperations } from './visitor-operations.ts'

/** As long as the catalogue allows a visitor's id to be. */
const maxLength = 200

/** Erasing what is kept about a visitor. */
export const visitorRoutes = (operations: Operations, deps: ApiDeps): void => {
  operations.add(visitorOperations.erase, async (context, { tenant, params: { visitorId = '' }, tell }) => {
    if (visitorId.length > maxLength)
      throw new Failure('invalid_request', `A visitor’s id has at most ${maxLength} characters.`)
    const now = deps.now()
    const erasure = await deps.erasures.begin(newErasure(`era_${ulid(now)}`, tenant, visitorId, now))
    tell({ id: erasure.id })
    deps.wake(erasure.id)
    context.status = 202
    context.set('Location', `/v1/tenants/${tenant}/erasures/${erasure.id}`)
    context.body = show(erasure)
  })

  operations.add(visitorOperations.get, async (context, { tenant, params: { id = '' } }) => {
    const erasure = await deps.erasures.get(tenant, id)
    if (erasure === null) throw new Failure('not_found', 'There is no such erasure.')
    context.body = show(erasure)
  })
}

const show = ({ id, state, counts, createdAt, finishedAt }: Erasure) => ({
  id,
  state,
  ...counts,
  createdAt: new Date(createdAt).toISOString(),
  ...(finishedAt === null ? {} : { finishedAt: new Date(finishedAt).toISOString() }),
})
