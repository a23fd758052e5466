import type { TSchema } from 'typebox'

/** One kind of event: what its `data` looks like (JSON Schema 2020-12), with a sample of it. */
export interface EventType {
  readonly type: string
  readonly description: string
  readonly schema: TSchema
  readonly sample: Readonly<Record<string, unknown>>
}
