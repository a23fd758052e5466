import type { TSchema } from 'typebox'

/** One type of event, with the JSON Schema (2020-12) of its `data` and a sample. */
export interface EventType {
  readonly type: string
  readonly description: string
  readonly schema: TSchema
  readonly sample: Readonly<Record<string, unknown>>
}
