import { Type } from 'typebox'
import { closed, count, either, moment } from '../http/wire.ts'

const summary = {
  attempts: count('Attempts, not events'),
  succeeded: count('Attempts that the endpoint accepted'),
  failed: count('All others'),
  successRate: either(Type.Number({ minimum: 0, maximum: 1 })),
  p50Ms: either(Type.Number({ minimum: 0, description: 'Median duration of an attempt' })),
  p95Ms: either(Type.Number({ minimum: 0, description: '95th percentile of the duration' })),
}
const minute = Type.Object({ at: moment('Its beginning'), ...summary }, closed)
export const statsAnswer = Type.Object(
  {
    from: moment('The beginning of the hour'),
    to: moment('The time of the call'),
    items: Type.Array(Type.Object({ subscriptionId: Type.String(), ...summary, buckets: Type.Array(minute) }, closed)),
  },
  closed,
)
