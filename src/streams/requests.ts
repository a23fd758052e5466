import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from 'nats'

/** Publishes with a subject to answer to, and waits for the one answer. */
export interface Requests {
  /** Rejects when nobody listens to the subject, when no answer comes in time, and when the connection is closed. */
  ask(subject: string, body: string, headers: MsgHdrs): Promise<Msg>
}

interface Asked {
  readonly resolve: (answer: Msg) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * The client's own `request` makes an error, a race and three promises for each call that is answered: 15 of an event's µs. This is the
 * same protocol, an inbox with a token for each call.
 */
export const createRequests = (connection: NatsConnection, timeoutMs: number): Requests => {
  const inbox = createInbox()
  const waiting = new Map<string, Asked>()
  let count = 0

  const take = (token: string): Asked | undefined => {
    const asked = waiting.get(token)
    if (asked === undefined) return undefined
    waiting.delete(token)
    clearTimeout(asked.timer)
    return asked
  }
  const tooLate = (token: string) => take(token)?.reject(new Error(`no answer within ${timeoutMs} ms`))
  connection.subscribe(`${inbox}.*`, {
    callback: (error, answer) => {
      // The subscription itself was refused: what waits is told when its time is over.
      if (error !== null) return
      const asked = take(answer.subject.slice(inbox.length + 1))
      if (answer.data.length === 0 && answer.headers?.code === 503) asked?.reject(new Error('no stream listens'))
      else asked?.resolve(answer)
    },
  })
  const closed = () => {
    for (const token of waiting.keys()) take(token)?.reject(new Error('the connection was closed'))
  }
  void connection.closed().then(closed)

  return {
    ask: (subject, body, headers) =>
      new Promise((resolve, reject) => {
        const token = (count += 1).toString(36)
        waiting.set(token, { resolve, reject, timer: setTimeout(tooLate, timeoutMs, token) })
        try {
          connection.publish(subject, body, { headers, reply: `${inbox}.${token}` })
        } catch (error) {
          take(token)?.reject(error as Error)
        }
      }),
  }
}
