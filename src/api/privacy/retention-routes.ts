import { type OwnRetention, type Retention, retentionInForce } from '../../domain/retention.ts'
import { refuse } from '../operation/body-check.ts'
import type { Operations } from '../operation/operations.ts'
import { retentionOperations } from './retention-operations.ts'

export interface RetentionDeps {
  readonly retention: {
    /** The operator’s values. */
    readonly defaults: Retention
    own(tenant: string): Promise<OwnRetention>
    /** Also applies to stored data. */
    put(tenant: string, own: OwnRetention): Promise<void>
  }
}

/** How long a tenant’s data is kept. */
export const retentionRoutes = (operations: Operations, { retention }: RetentionDeps): void => {
  const { defaults } = retention
  const show = (own: OwnRetention) => ({ ...retentionInForce(own, defaults), defaults })

  operations.add(retentionOperations.get, async ({ params: { tenant } }) => show(await retention.own(tenant)))

  operations.add(retentionOperations.put, async ({ params: { tenant }, state: { body, record } }) => {
    const own = { payloadDays: body.payloadDays ?? undefined, logDays: body.logDays ?? undefined }
    const payloadDays = own.payloadDays ?? defaults.payloadDays
    if (own.logDays !== undefined && own.logDays < payloadDays)
      refuse([{ pointer: '/logDays', detail: `must be at least ${payloadDays}, as the payload is kept that long` }])
    record({ before: await retention.own(tenant), after: own })
    await retention.put(tenant, own)
    return show(own)
  })
}
