import { Type } from 'typebox'
import { retentionBounds } from '../../domain/retention.ts'
import { closed } from '../http/wire.ts'
import type { Operation } from '../operation/operation.ts'
import { retentionAnswer } from './wire.ts'

const tag = 'Privacy'
const path = '/v1/tenants/{tenant}/retention'
const days = (name: keyof typeof retentionBounds, description: string) =>
  Type.Optional(Type.Union([Type.Integer(retentionBounds[name]), Type.Null()], { description }))

const ownRetention = Type.Object(
  {
    payloadDays: days(
      'payloadDays',
      'Days for events, bodies and receivers’ answers. Null or missing: the operator’s value',
    ),
    logDays: days(
      'logDays',
      'Days for the delivery log, not fewer than payloadDays. Null or missing: the operator’s value',
    ),
  },
  closed,
)

export const retentionOperations = {
  get: {
    id: 'getRetention',
    tag,
    method: 'get',
    path,
    summary: 'Get how long this tenant’s data is kept',
    access: 'deliveries:read',
    answers: { 200: { description: 'Days, counted from when an event was accepted', schema: retentionAnswer } },
  },
  put: {
    id: 'putRetention',
    tag,
    method: 'put',
    path,
    summary: 'Set how long this tenant’s data is kept',
    description:
      'Also applies to stored data, within moments. After the payload’s days a delivery stays in the log without its body and answers, and cannot be sent again. A delivery that is still waiting then is dead (`content_expired`).',
    access: 'deliveries:write',
    body: { schema: ownRetention, limitBytes: 1_024 },
    audit: { fields: ownRetention },
    answers: { 200: { description: 'The values in effect', schema: retentionAnswer } },
  },
} as const satisfies Record<string, Operation>
