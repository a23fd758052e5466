import { Failure } from '../../domain/failure.ts'
import { type OwnRetention, retentionInForce } from '../../domain/retention.ts'
import type { ApiDeps } from '../deps.ts'
import type { Operations } from '../operation/operation.ts'
import { retentionOperations } from './retention-operations.ts'

/** How long a tenant's data is kept. */
export const retentionRoutes = (operations: Operations, { retention }: ApiDeps): void => {
  const { defaults } = retention
  const show = (own: OwnRetention) => ({ ...retentionInForce(own, defaults), defaults })

  operations.add(retentionOperations.get, async (context, { tenant }) => {
    context.body = show(await retention.own(tenant))
  })

  operations.add(retentionOperations.put, async (context, { tenant, body, tell }) => {
    const own = { payloadDays: body.payloadDays ?? undefined, logDays: body.logDays ?? undefined }
    const payloadDays = own.payloadDays ?? defaults.payloadDays
    if (own.logDays !== undefined && own.logDays < payloadDays)
      throw new Failure(
        'invalid_request',
        `/logDays must be at least ${payloadDays}, as the payload is kept so long.`,
        {
          faults: [{ pointer: '/logDays', detail: `must be at least ${payloadDays}, as the payload is kept so long` }],
        },
      )
    tell({ before: await retention.own(tenant), after: own })
    await retention.put(tenant, own)
    context.body = show(own)
  })
}
