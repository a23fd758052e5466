import type { TObject, TSchema } from 'typebox'
import type { FailureCode } from '../../domain/failure.ts'
import type { Scope } from '../../domain/tenant.ts'
import type { Tag } from './openapi/tags.ts'

/** Who may call: anyone, any known token, the operator, or a token with this scope for the tenant of the path. */
export type Access = 'open' | 'known' | 'operator' | Scope

export interface BodySpec {
  readonly schema: TSchema
  readonly limitBytes: number
  /** True: the body may be missing, and then reads as `{}`. */
  readonly optional?: boolean
  /** What the reference shows instead of `schema`, where the handler itself checks more than `schema` does. */
  readonly shown?: TSchema
  readonly contentType?: string
  /** A body that works, for the reference. */
  readonly example?: unknown
}

export interface AnswerSpec {
  readonly description: string
  /** Of JSON: the answer has the fields that the schema names, and no others. */
  readonly schema?: TSchema
  /** Default: application/json. */
  readonly contentType?: string
  /** Header names with their meaning. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What an audit entry shows of a change. */
export interface AuditSpec {
  readonly fields: TObject
  /** The form in which a field is kept, e.g. a url without its query. Default: as it is. */
  readonly forms?: Readonly<Record<string, (value: unknown) => unknown>>
}

/** One call of the API. Requests are checked by it, answers are made by it, and /openapi.json describes it. */
export interface Operation {
  /** Unique, in lowerCamelCase: generated clients name their functions after it. */
  readonly id: string
  readonly tag: Tag
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/v1/tenants/{tenant}/events`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** Parameters of type string, integer, number or boolean. */
  readonly query?: TObject
  readonly body?: BodySpec
  /** Needed by every operation that `isAudited`. */
  readonly audit?: AuditSpec
  /** True: the path holds a person’s id, which the audit does not keep. */
  readonly personal?: true
  /** True: while a call with an Idempotency-Key is under way, another with the same key waits, since a second one would do something else. */
  readonly runsAlone?: true
  /** Header names of the request with their meaning, beside Authorization and Idempotency-Key. */
  readonly headers?: Readonly<Record<string, string>>
  /** By status. An operation with one status below 300 answers with it; with several its handler chooses. */
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** What can go wrong beside the problems that every operation of this kind has. */
  readonly problems?: readonly FailureCode[]
}

/** Whether the call may carry an Idempotency-Key. */
export const takesKey = ({ method, access }: Pick<Operation, 'method' | 'access'>): boolean =>
  method === 'post' && access !== 'open'

/** Whether the call changes something of a tenant’s or of the service. Events have a log of their own. */
export const isAudited = ({ method, access }: Pick<Operation, 'method' | 'access'>): boolean =>
  method !== 'get' && access !== 'open' && access !== 'events:write'
