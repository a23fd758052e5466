import type { NatsConnection } from 'nats'
import { Observable, share } from 'rxjs'
import { signalSubject, type StreamNames } from './names.ts'

/**
 * "Look after this": core NATS messages between processes, with the id of a subscription, a replay, or a token that was revoked. They may be
 * lost: the workers look by themselves every half minute, and a token is looked up again after seconds.
 */
export const createSignals = (connection: NatsConnection, names: StreamNames) => ({
  wake: (id: string): void => {
    try {
      connection.publish(signalSubject(names, id))
    } catch {
      // The connection is closed: the workers look by themselves.
    }
  },
  /** However many listen, the server sends each once. */
  wakes$: new Observable<string>(subscriber => {
    const subscription = connection.subscribe(signalSubject(names, '*'), {
      callback: (error, message) => {
        if (error === null) subscriber.next(message.subject.split('.').at(-1) ?? '')
      },
    })
    return () => subscription.unsubscribe()
  }).pipe(share()),
})
