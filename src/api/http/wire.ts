import { type Static, type TSchema, Type } from 'typebox'
import type { EpochMs } from '../../domain/time.ts'

/** A value of a schema as a handler may give it: read-only, and undefined for a field that is left out. */
export type Wire<S extends TSchema> = Loose<Static<S>>

type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Loose<T[Name]> | (object extends Pick<T, Name> ? undefined : never) }
    : T

/** Objects of the wire have no further fields: a request with one is refused, an answer never has one. */
export const closed = { additionalProperties: false } as const

export const moment = (description: string) => Type.String({ format: 'date-time', description })
export const text = (description: string) => Type.String({ description })
export const count = (description: string) => Type.Integer({ minimum: 0, description })
export const either = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])
export const maybe = Type.Optional
export const anyObject = Type.Object({}, { additionalProperties: true })
/** The body of a call that needs none. */
export const emptyBody = { schema: Type.Object({}, closed), limitBytes: 1_024, optional: true } as const

export const iso = (at: EpochMs): string => new Date(at).toISOString()
export const isoIf = (at: EpochMs | null | undefined): string | undefined =>
  at === null || at === undefined ? undefined : iso(at)
export const isoOrNull = (at: EpochMs | null | undefined): string | null => isoIf(at) ?? null
