import type { Msg, MsgCallback, NatsConnection, Subscription } from 'nats'
import { filter, fromEventPattern, map, type Observable } from 'rxjs'

/** The messages of a core NATS subject from now on. Core NATS stores nothing, so they may be lost. */
export const coreMessages = (connection: NatsConnection, subject: string): Observable<Msg> =>
  fromEventPattern<Parameters<MsgCallback<Msg>>>(
    callback => connection.subscribe(subject, { callback }),
    (_, subscription: Subscription) => subscription.unsubscribe(),
  ).pipe(
    filter(([error]) => error === null),
    map(([, message]) => message),
  )
