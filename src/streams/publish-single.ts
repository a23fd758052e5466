import { failureOfAck } from './faults.ts'
import { messageHeaders, type Outgoing, type Published } from './publication.ts'
import type { Requests } from './requests.ts'

interface Ack {
  readonly seq: number
  readonly duplicate?: boolean
  readonly error?: { readonly err_code: number; readonly description: string }
}

/** Publishes one event as a message of its own. */
export const publishSingle = async (requests: Requests, outgoing: Outgoing): Promise<Published> => {
  const answer = await requests.ask(outgoing.subject, outgoing.publication.body, messageHeaders(outgoing))
  const { seq, duplicate, error } = answer.json<Ack>()
  if (error !== undefined) throw failureOfAck(error)
  return { sequence: seq, duplicate: duplicate === true }
}
