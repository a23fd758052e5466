import type { RouterContext, RouterMiddleware } from '@koa/router'
import type { DefaultContext } from 'koa'
import type { TObject, TSchema, Static } from 'typebox'
import type { Principal } from '../../domain/principal.ts'
import type { Identity } from './identity.ts'
import type { AnswerSpec, Operation } from './operation.ts'
import type { Wire } from '../http/wire.ts'

/** What the middleware of an operation leaves in `context.state` for its handler. */
export interface CallState<Query = unknown, Body = unknown, Changed = object> {
  /** Who calls; absent where the operation is open to anyone. */
  principal?: Principal
  identity: Identity
  query: Query
  body: Body
  /** Notes for the audit what the call changes. A later note adds to the ones before. */
  record: (change: Change<Changed>) => void
}

export interface Change<Changed = object> {
  /** The id of a new resource. */
  readonly id?: string
  readonly before?: Known<Changed>
  readonly after?: Known<Changed>
}
type Known<Changed> = { readonly [Name in keyof Changed]?: Changed[Name] | undefined }

export type CallMiddleware = RouterMiddleware<CallState>

/** The context of one call, typed by its declaration. */
export type Call<O extends Operation> = RouterContext<
  CallState<QueryOf<O>, BodyOf<O>, ChangedBy<O>> & CallerOf<O>,
  DefaultContext & { readonly params: ParamsOf<O['path']> }
>

/** Does what the operation says, and returns the body of the answer. Throws Failure to answer with a problem. */
export type Handler<O extends Operation> = (call: Call<O>) => AnswerOf<O> | Promise<AnswerOf<O>>

type CallerOf<O extends Operation> = O['access'] extends 'open' ? unknown : { readonly principal: Principal }
type QueryOf<O> = O extends { readonly query: infer Q extends TObject } ? Static<Q> : Readonly<Record<string, never>>
type BodyOf<O> = O extends { readonly body: { readonly schema: infer B extends TSchema } } ? Static<B> : undefined
type ChangedBy<O> = O extends { readonly audit: { readonly fields: infer F extends TObject } } ? Wire<F> : object

type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown

type AnswerOf<O extends Operation> = BodyOfAnswer<O['answers'][keyof O['answers']]>
type BodyOfAnswer<A> = A extends { readonly schema: infer S extends TSchema }
  ? Wire<S>
  : A extends Required<Pick<AnswerSpec, 'contentType'>>
    ? unknown
    : void
