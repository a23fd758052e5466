import type { NatsConnection } from 'nats'
import { Observable } from 'rxjs'
import { signalSubject, type StreamNames } from './names.ts'

/**
 * "Look after this": core NATS messages from the API to the workers, with the id of a subscription or a replay. They may be lost: the
 * workers look by themselves every half minute.
 */
export const createSignals = (connection: NatsConnection, names: StreamNames) => ({
  wake: (id: string): void => {
    try {
      connection.publish(signalSubject(names, id))
    } catch {
      // The connection is closed: the workers look by themselves.
    }
  },
  wakes$: new Observable<string>(subscriber => {
    const subscription = connection.subscribe(signalSubject(names, '*'), {
      callback: (error, message) => {
        if (error === null) subscriber.next(message.subject.split('.').at(-1) ?? '')
      },
    })
    return () => subscription.unsubscribe()
  }),
})
