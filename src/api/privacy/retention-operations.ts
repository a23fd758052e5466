import { Type } from 'typebox'
import { retentionBounds } from '../../domain/retention.ts'
import { retentionAnswer } from '../answers.ts'
import type { Operation } from '../operation/operation.ts'

const tag = 'Privacy'
const path = '/v1/tenants/{tenant}/retention'
const days = (name: keyof typeof retentionBounds, description: string) =>
  Type.Optional(Type.Union([Type.Integer(retentionBounds[name]), Type.Null()], { description }))

export const retentionSchema = Type.Object(
  {
    payloadDays: days(
      'payloadDays',
      'Days for events, bodies and receivers’ answers; null or left out: the operator’s',
    ),
    logDays: days('logDays', 'Days for the delivery log, not fewer than payloadDays; null or left out: the operator’s'),
  },
  { additionalProperties: false },
)

export const retentionOperations = {
  get: {
    id: 'getRetention',
    tag,
    method: 'get',
    path,
    summary: 'How long this tenant’s data is kept',
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
      'Takes effect on what is stored already, within moments. When the payload’s days are over, a delivery stays in the log without body and answers, and cannot be sent again; one that waits still is given up (`content_expired`).',
    access: 'deliveries:write',
    body: { schema: retentionSchema, limitBytes: 1_024 },
    answers: { 200: { description: 'What is in force now', schema: retentionAnswer } },
  },
} as const satisfies Record<string, Operation>
