import type { NatsConnection } from 'nats'
import { merge, type Observable } from 'rxjs'
import { bucketStream } from './bucket.ts'
import { coreMessages } from './core-messages.ts'
import { fleetBucket, type StreamNames } from './names.ts'

/**
 * Emits when the server reports that the stream, its consumers or the bucket were created, changed, paused or removed. A hint: it may be lost, and
 * a user without permission for these subjects gets none.
 */
export const changesByOthers = (connection: NatsConnection, names: StreamNames): Observable<unknown> =>
  merge(
    ...[
      `STREAM.*.${names.stream}`,
      `STREAM.*.${bucketStream(fleetBucket(names))}`,
      `CONSUMER.DELETED.${names.stream}.*`,
      `CONSUMER.PAUSE.${names.stream}.*`,
      `CONSUMER.CREATED.${names.stream}.*`,
    ].map(subject => coreMessages(connection, `$JS.EVENT.ADVISORY.${subject}`)),
  )
