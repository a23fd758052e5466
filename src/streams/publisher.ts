import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from 'nats'
import { createGroupCommit } from './group-commit.ts'
import type { StreamNames } from './names.ts'
import type { Publisher } from './publication.ts'
import { publishBatch } from './publish-batch.ts'
import { publishSingle } from './publish-single.ts'
import { createRequests } from './requests.ts'

export const ackTimeoutMs = 5_000

/** Publishes to the stream of these names, with group commit or without (group-commit.ts). */
export const createPublisher = (connection: NatsConnection, names: StreamNames, groupCommit: boolean): Publisher => {
  const client = jetstream(connection, { timeout: ackTimeoutMs })
  const requests = createRequests(connection, ackTimeoutMs)
  return createGroupCommit(
    {
      names,
      isClosed: () => connection.isClosed(),
      publishSingle: outgoing => publishSingle(requests, outgoing),
      publishBatch: outgoing => publishBatch(client, outgoing),
    },
    groupCommit,
  )
}
