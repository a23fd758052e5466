import { inMongodb } from './others-in-mongodb.ts'
import type { Row } from './others-row.ts'

const lost = 'test/operations/lost-in-nats.test.ts'
const direct = 'src/streams/needs/requirements.test.ts'

const inNats: readonly Row[] = [
  {
    object: 'stream `VISITS`: removed, or a server with an empty store',
    by: '`nats stream rm`, a volume that was not mounted, a new server',
    seen: 'at once: 503 `streams_unavailable`; line `something that Doorbell needs was restored`, which says since when accepted events that had no row are gone',
    recovers:
      'created again within seconds, with higher numbers; 202 again, nothing needs a restart. Rows, retries and held events go on. Events without a row are lost with the store; replays reach back to that moment',
    test: lost,
  },
  {
    object: 'stream `VISITS`: created again by other means, with numbers from 1',
    by: 'scripts, infrastructure as code',
    seen: 'at once, the same line for its consumers',
    recovers: 'it gets higher numbers, and what it has accepted since is kept under these',
    test: lost,
  },
  {
    object:
      'stream `VISITS`: `discard`, `max_msgs`, `max_msgs_per_subject`, `max_age`, `duplicate_window`, subjects, mapping, `allow_direct`, `allow_atomic`, `no_ack`, replicas …',
    by: '`nats stream edit`, infrastructure as code',
    seen: 'at once, at the latest after a minute: the line with the difference. Messages that such a change drops at once (`discard: old`, a shorter `max_age`) are gone, and the line says how many were not processed yet',
    recovers:
      'changed back. What an operator may change stays: `max_bytes`, description, placement, compression, republish, more replicas',
    test: lost,
  },
  {
    object:
      'stream `VISITS`: `sealed`, storage in memory, work queue, `deny_purge`, `deny_delete`, which NATS does not change back',
    by: '`nats stream edit`, `nats stream seal`',
    seen: '`/readyz` `degraded` with the promise and the remedy, `a promise does not hold`, PromiseBroken; 503 `promise_broken` where accepted events might be lost',
    recovers: 'after `nats stream rm VISITS`, which the remedy says when to do: created again, numbers continue',
    test: lost,
  },
  {
    object: 'consumers `partition-<n>`: removed, or created by other means',
    by: '`nats consumer rm`, a clean-up script',
    seen: 'at once: the line with the partitions. The gauges of the other partitions stay',
    recovers:
      'created again behind the last processed message (collection `progress`, at most 5 s old; the ledger finds the rest); no partition restarts',
    test: lost,
  },
  {
    object: 'consumers `partition-<n>`: paused, changed, or set to a later message',
    by: '`nats consumer pause`, `nats consumer edit`, `nats consumer reset`',
    seen: 'a pause at once, a change of what it delivers within 5 s, another within a minute: the line with the difference',
    recovers:
      'resumed, changed back, or, where it may have passed over messages, created again behind the last one that was processed before. What is acknowledged by hand, purged, or passed over by a reset to a message that exists is lost',
    test: lost,
  },
  {
    object: 'bucket `KV_VISITS_FLEET`: removed, or changed',
    by: '`nats kv del`, a clean-up script',
    seen: 'at once: the line; `the fleet’s leases could not be read or renewed` for a moment',
    recovers:
      'created again; workers take their partitions after the lease time of 6 s, so that no two work on one. Deliveries wait as long',
    test: lost,
  },
  {
    object: 'permissions of Doorbell’s user, JetStream, limits of the account',
    by: 'a reload of nats-server’s configuration',
    seen: 'within a minute: `/readyz` `degraded` with the sentence that a start would end with, PromiseBroken. Pulls that are refused: within 30 s, and 503 `promise_broken`',
    recovers: 'as soon as NATS allows it again',
    test: 'src/streams/permissions.test.ts',
  },
  {
    object: 'stream `VISITS_RENUMBERED`, which exists for seconds while a stream gets other numbers',
    by: 'a clean-up script',
    seen: 'nothing',
    recovers:
      'a process that dies in between leaves it, and the next comparison publishes what it holds. Do not remove it: its events are in no other place',
    test: direct,
  },
]

/** The table of what others may change. Rows of MongoDB follow those of NATS. */
export const whatOthersChange = (): string[] => [
  '## What others may change in NATS and MongoDB',
  '',
  'Doorbell compares what it created in other systems with what is there: at each start, after a reconnect, when a server reports a change or something',
  'missing, and every minute. [observability/README.md](../observability/README.md#promisebroken) says what to do about PromiseBroken.',
  '',
  '| object | who might change it | what is seen, and how soon | what recovers by itself | test |',
  '|---|---|---|---|---|',
  ...[...inNats, ...inMongodb].map(
    ({ object, by, seen, recovers, test }) => `| ${object} | ${by} | ${seen} | ${recovers} | [test](../${test}) |`,
  ),
  '',
]
