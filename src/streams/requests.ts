import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from 'nats'

/** Sends messages that expect one answer each. */
export interface Requests {
  /** Rejects when nothing listens to the subject, when no answer comes in time, and when the connection is closed. */
  ask(subject: string, body: string, headers: MsgHdrs): Promise<Msg>
}

interface Asked {
  readonly resolve: (answer: Msg) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * The same protocol as the client's own `request`: an inbox with a token for each call. The client creates an error, a race and three
 * promises for each call that is answered, and an event of a cluster is one such call. Measured in one process alternately, CPU of an
 * event: +21 to +23 µs with the client's JetStream `publish`, +19 µs with its `request`; 2 % of a check-in are 12 to 18 µs.
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
  const giveUp = (token: string) => take(token)?.reject(new Error(`no answer within ${timeoutMs} ms`))
  connection.subscribe(`${inbox}.*`, {
    callback: (error, answer) => {
      // The server refused the subscription: every request ends by its timeout.
      if (error !== null) return
      const asked = take(answer.subject.slice(inbox.length + 1))
      if (answer.data.length === 0 && answer.headers?.code === 503) asked?.reject(new Error('no stream listens'))
      else asked?.resolve(answer)
    },
  })
  const rejectAll = () => {
    for (const token of waiting.keys()) take(token)?.reject(new Error('the connection was closed'))
  }
  void connection.closed().then(rejectAll)

  return {
    ask: (subject, body, headers) =>
      new Promise((resolve, reject) => {
        const token = (count += 1).toString(36)
        waiting.set(token, { resolve, reject, timer: setTimeout(giveUp, timeoutMs, token) })
        try {
          connection.publish(subject, body, { headers, reply: `${inbox}.${token}` })
        } catch (error) {
          take(token)?.reject(error as Error)
        }
      }),
  }
}
