import { ulid } from 'ulid'
import { type Erasure, newErasure } from '../../domain/erasure.ts'
import { Failure } from '../../domain/failure.ts'
import type { EpochMs } from '../../domain/time.ts'
import type { Operations } from '../operation/operations.ts'
import { visitorOperations } from './visitor-operations.ts'
import { showErasure } from './wire.ts'

export interface ErasureDeps {
  readonly erasures: {
    /** Returns the erasure of the same visitor that is running, if there is one. */
    begin(erasure: Erasure): Promise<Erasure>
    get(tenant: string, id: string): Promise<Erasure | null>
  }
  /** Makes a worker start the erasure. */
  readonly wake: (id: string) => void
  readonly now: () => EpochMs
}

/** The catalogue allows no longer visitor id. */
const maxLength = 200

/** Erasing the data about a visitor. */
export const visitorRoutes = (operations: Operations, { erasures, wake, now }: ErasureDeps): void => {
  operations.add(visitorOperations.erase, async context => {
    const { tenant, visitorId } = context.params
    if (visitorId.length > maxLength)
      throw new Failure('invalid_request', `A visitor’s id has at most ${maxLength} characters.`)
    const at = now()
    const erasure = await erasures.begin(newErasure(`era_${ulid(at)}`, tenant, visitorId, at))
    context.state.record({ id: erasure.id })
    wake(erasure.id)
    context.set('Location', `/v1/tenants/${tenant}/erasures/${erasure.id}`)
    return showErasure(erasure)
  })

  operations.add(visitorOperations.get, async ({ params: { tenant, id } }) => {
    const erasure = await erasures.get(tenant, id)
    if (erasure === null) throw new Failure('not_found', 'There is no such erasure.')
    return showErasure(erasure)
  })
}
