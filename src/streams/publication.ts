import { headers, type MsgHdrs } from 'nats'
import { headerNames } from './names.ts'

/** One event on its way into the stream. */
export interface Publication {
  readonly tenant: string
  readonly type: string
  readonly id: string
  /** JSON of the event. */
  readonly body: string
  readonly traceparent: string | null
}

export interface Published {
  readonly sequence: number
  /** True when the stream received this id within its duplicate window. */
  readonly duplicate: boolean
}

export interface Publisher {
  /** Resolves when the stream has acknowledged. Throws Failure `streams_unavailable` or `stream_full`. */
  publish(publication: Publication): Promise<Published>
}

/** A publication with its subject and the message id that the server uses to find duplicates. */
export interface Outgoing {
  readonly subject: string
  readonly id: string
  readonly publication: Publication
}

export const messageHeaders = ({ id, publication }: Outgoing): MsgHdrs => {
  const all = headers()
  all.set(headerNames.messageId, id)
  if (publication.traceparent !== null) all.set(headerNames.traceparent, publication.traceparent)
  return all
}
