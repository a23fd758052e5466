import { type Static, Type } from 'typebox'
import { eventIdPattern, isOperational, type VisitEvent } from '../domain/event.ts'
import { Failure, type Fault } from '../domain/failure.ts'
import { limits } from '../domain/limits.ts'
import { tenantIdPattern } from '../domain/tenant.ts'
import type { EpochMs } from '../domain/time.ts'
import { newEventId } from './event-id.ts'
import { asWritten, duplicateNames, parseExactly } from './exact-json.ts'
import { isNestedDeeper } from './nesting.ts'
import { type Check, compileCheck } from './validation.ts'

/** Visit ids come from the publisher. */
export const visitIdPattern = '^[A-Za-z0-9_.:-]{1,64}$'

/** Most levels of lists and objects within `data`: some receivers' parsers refuse deeper values or crash on them. */
const maxNesting = 32

/** The body of `POST …/events`. */
export const eventSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        pattern: eventIdPattern,
        description: 'Makes the call idempotent: an id is delivered once. Default: a new id',
      }),
    ),
    type: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'An event type of the catalogue, e.g. visit.checked_in',
    }),
    visitId: Type.String({ pattern: visitIdPattern, description: 'The visit that the event is about' }),
    timestamp: Type.Optional(
      Type.String({ format: 'date-time', description: 'When it happened, RFC 3339. Default: now' }),
    ),
    sequence: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Position in the visit’s history',
      }),
    ),
    data: Type.Object(
      {},
      {
        additionalProperties: true,
        description:
          'The content, as the event type’s schema describes it. Its numbers reach the receiver as they are written here; a name that stands twice in an object is refused',
      },
    ),
  },
  { additionalProperties: false },
)

/** A message of the stream has the same fields, must have an id, and may name its tenant. */
const messageSchema = Type.Object(
  { ...eventSchema.properties, id: Type.String({ pattern: eventIdPattern }), tenant: Type.Optional(Type.String()) },
  { additionalProperties: false },
)

const validTenantId = new RegExp(tenantIdPattern)

type PostedEvent = Static<typeof eventSchema> & Pick<VisitEvent, 'data'>

export interface EventReader {
  /** Reads a posted value; `newId` makes the id of an event that has none. Throws Failure `invalid_request` or `unknown_event_type` with pointers. */
  posted(tenant: string, value: unknown, now: EpochMs, newId?: () => string): VisitEvent
  /** Reads a message of the stream, with the same checks: platform publishers write to the stream directly. */
  message(tenant: string, type: string, text: string, now: EpochMs): VisitEvent
}

/** Creates a reader that checks events against the catalogue's schemas, which it compiles once. */
export const createEventReader = (
  catalogue: readonly { readonly type: string; readonly schema: object }[],
): EventReader => {
  const checkPosted = compileCheck(eventSchema)
  const checkMessage = compileCheck(messageSchema)
  const checkData = new Map(catalogue.map(({ type, schema }) => [type, compileCheck(schema, '/data')]))
  const known = [...checkData.keys()].filter(type => !isOperational(type)).join(', ')

  const read = (
    tenant: string,
    value: unknown,
    check: Check,
    now: EpochMs,
    newId: () => string = () => newEventId(now),
  ): VisitEvent => {
    reject(check(value))
    const { id, type, visitId, timestamp, sequence, data } = value as PostedEvent
    const checkType = checkData.get(type)
    if (checkType === undefined)
      throw new Failure('unknown_event_type', `There is no event type "${type}".`, {
        faults: [{ pointer: '/type', detail: `must be one of: ${known}` }],
      })
    reject(checkType(data))
    if (isNestedDeeper(data, maxNesting))
      reject([{ pointer: '/data', detail: `is nested more than ${maxNesting} levels deep: make it flatter` }])
    if (timestamp !== undefined) reject(checkTime(timestamp, now))
    return {
      id: id ?? newId(),
      type,
      timestamp: timestamp ?? new Date(now).toISOString(),
      tenant,
      visitId,
      ...(sequence === undefined ? {} : { sequence }),
      data: asWritten(data),
    }
  }

  return {
    posted: (tenant, value, now, newId) => {
      const event = read(tenant, value, checkPosted, now, newId)
      if (isOperational(event.type))
        reject([{ pointer: '/type', detail: 'is published by Doorbell itself: post events of visits' }])
      return event
    },
    message: (tenant, type, text, now) => {
      const value = parse(text)
      const event = read(tenant, value, checkMessage, now)
      const named = (value as { tenant?: string }).tenant
      if (!validTenantId.test(tenant))
        reject([
          {
            pointer: '/tenant',
            detail: `is not a tenant id: the subject must name one that matches ${tenantIdPattern}`,
          },
        ])
      if (event.type !== type) reject([{ pointer: '/type', detail: `must be ${type}, as the subject says` }])
      if (named !== undefined && named !== tenant)
        reject([{ pointer: '/tenant', detail: `must be ${tenant}, as the subject says` }])
      return event
    },
  }
}

const reject = (faults: readonly Fault[]): void => {
  const [first] = faults
  if (first === undefined) return
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''
  throw new Failure('invalid_request', `${first.pointer || 'The body'} ${first.detail}${more}`, { faults })
}

/** Refuses timestamps that a fast clock puts in the future. The past is not limited, since a publisher may have been offline. */
const checkTime = (timestamp: string, now: EpochMs): Fault[] => {
  const aheadMs = Date.parse(timestamp) - now
  if (aheadMs <= limits.clockSkewMs) return []
  const detail = `lies ${Math.round(aheadMs / 1_000)} s in the future, more than ${limits.clockSkewMs / 1_000} s: check the publisher’s clock`
  return [{ pointer: '/timestamp', detail }]
}

const parse = (text: string): unknown => {
  try {
    const value = parseExactly(text)
    reject(duplicateNames(text, value))
    return value
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure('malformed_json', 'The message is not JSON.', { cause: error })
  }
}
