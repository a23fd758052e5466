import type Router from '@koa/router'
import type { Context } from 'koa'
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { FailureCode } from '../../domain/failure.ts'
import type { Scope } from '../../domain/tenant.ts'
import type { Guard } from './guard.ts'
import { readJson, readOptionalJson } from './body.ts'
import type { Tag } from './openapi/tags.ts'
import { createQueryReader } from './query.ts'
import { createRequestCheck } from './request-check.ts'

/** Who may call: everybody, anybody whose token is known, the operator alone, or who has this scope for the tenant of the path. */
export type Access = 'open' | 'known' | 'operator' | Scope

export interface BodySpec<B extends TSchema = TSchema> {
  readonly schema: B
  readonly limitBytes: number
  /** True: the call may come without one, which reads as `{}`. */
  readonly optional?: boolean
  /** What the reference shows, where the handler itself checks more than `schema` says. */
  readonly shown?: TSchema
  readonly contentType?: string
  /** A body that works, for the reference. */
  readonly example?: unknown
}

export interface AnswerSpec {
  readonly description: string
  readonly schema?: TSchema
  /** Default application/json. */
  readonly contentType?: string
  /** Header names with what they say. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One call of the API: what the reference says of it is what is checked before its handler runs. */
export interface Operation<B extends TSchema = TSchema, Q extends TObject = TObject> {
  /** Unique, lowerCamelCase: generated clients name their functions by it. */
  readonly id: string
  readonly tag: Tag
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** As OpenAPI writes it: `/v1/tenants/{tenant}/events`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** Text, integer or boolean parameters. */
  readonly query?: Q
  readonly body?: BodySpec<B>
  /** True: its path holds a person's id, which the audit does not keep. */
  readonly personal?: true
  /** Header names of the request with what they say, beside Authorization and Idempotency-Key. */
  readonly headers?: Readonly<Record<string, string>>
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** What can go wrong beside what can with every call of its kind. */
  readonly problems?: readonly FailureCode[]
}

/** A request that was let in and is well-formed. `tenant` is empty where the path names none. */
export interface Call<B, Q> {
  readonly tenant: string
  readonly params: Readonly<Record<string, string>>
  readonly body: B
  readonly query: Q
  /** For the audit: what was changed, and to what. Secrets are left out there. */
  readonly tell: (change: Change) => void
  readonly changes: readonly Change[]
}

export interface Change {
  /** Of what was made. */
  readonly id?: string
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
}

export type Handler<B, Q> = (context: Context, call: Call<B, Q>) => void | Promise<void>

/** What stands between a request that was let in and its handler, e.g. idempotency: chosen once for each operation, null for none. */
export type Around = (operation: Operation) => Step | null
export type Step = (context: Context, call: Call<unknown, unknown>, handle: () => Promise<void>) => Promise<void>

/** What is asked before anything of the request is read, e.g. whether it comes too often; chosen once too. */
export type Admit = (operation: Operation) => ((context: Context) => Promise<void>) | null

export interface Operations {
  add<B extends TSchema, Q extends TObject>(operation: Operation<B, Q>, handle: Handler<Static<B>, Static<Q>>): void
  /** All that were added, in their order. */
  readonly all: readonly Operation[]
}

const noQuery = Type.Object({})

/** Registers operations with the router that each belongs to; each request is let in, limited, read and checked before its handler runs. */
export const createOperations = (
  routerOf: (operation: Operation) => Router,
  guard: Guard,
  { admit, around }: { readonly admit: Admit; readonly around: readonly Around[] },
): Operations => {
  const all: Operation[] = []
  return {
    all,
    add: (operation, handle) => {
      all.push(operation)
      const { method, path, access } = operation
      const admits = admit(operation)
      // The first is the outermost.
      const run = around
        .map(of => of(operation))
        .filter(step => step !== null)
        .reduceRight<Step>(
          (inner, step) => (context, call, act) => step(context, call, () => inner(context, call, act)),
          (_context, _call, act) => act(),
        )
      const readQuery = createQueryReader(operation.query ?? noQuery)
      const bodyOf = operation.body === undefined ? null : createBodyReader(operation.body)
      routerOf(operation)[method](path.replaceAll(/\{(\w+)\}/g, ':$1'), async context => {
        const tenant = await letIn(guard, access, context)
        await admits?.(context)
        const query = readQuery(context) as Static<NonNullable<typeof operation.query>>
        const body = (bodyOf === null ? undefined : await bodyOf(context)) as never
        const changes: Change[] = []
        const tell = (change: Change) => void changes.push(change)
        const call = { tenant, params: context.params, body, query, tell, changes }
        await run(context, call, async () => handle(context, call))
      })
    },
  }
}

const letIn = async (guard: Guard, access: Access, context: Context): Promise<string> => {
  if (access === 'open') return ''
  if (access === 'known') return (await guard.known(context), '')
  if (access === 'operator') return (await guard.operator(context), '')
  return guard.tenant(context, access)
}

const createBodyReader = ({ schema, limitBytes, optional }: BodySpec) => {
  const check = createRequestCheck<unknown>(schema)
  return async (context: Context) =>
    check(
      optional === true ? ((await readOptionalJson(context, limitBytes)) ?? {}) : await readJson(context, limitBytes),
    )
}
