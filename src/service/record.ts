import type { DoorbellMetrics } from '../../observability/metrics.ts'
import { attributes as a, spanNames } from '../../observability/names.ts'
import { SpanKind, traced } from '../../observability/traced.ts'
import type { Delivery } from '../domain/delivery.ts'
import { placeOfRecord } from '../domain/delivery-trace.ts'
import type { Ledger } from '../ledger/ledger.ts'

interface Parts {
  readonly ledger: Pick<Ledger, 'deliveries'>
  readonly metrics: Pick<DoorbellMetrics, 'settled'>
}

/** Writes a delivery's row with the span `record`, which ends when the row is durable, and counts the result. */
export const createRecord = ({ ledger, metrics }: Parts) =>
  traced(
    {
      name: spanNames.record,
      kind: SpanKind.CLIENT,
      place: (row: Delivery, _stored: boolean) => placeOfRecord(row, Date.now()),
      attributes: (row: Delivery, stored: boolean) => ({
        [a.dbSystem]: 'mongodb',
        [a.dbCollection]: 'deliveries',
        [a.dbOperation]: stored ? 'update' : 'insert',
        // The span above has the other ids; a row that was never attempted has no such span, and is found by these two.
        [a.delivery]: row.id,
        [a.subscription]: row.subscriptionId,
        [a.deliveryStatus]: row.status,
      }),
    },
    async (row: Delivery, stored: boolean): Promise<Delivery> => {
      const written = stored ? await ledger.deliveries.update(row) : await ledger.deliveries.insert(row)
      metrics.settled(written, Date.now() - row.createdAt)
      return written
    },
  )
