import type { Row } from './others-row.ts'

const compared = 'src/ledger/upkeep/upkeep.test.ts'
const changed = 'test/operations/mongodb-changed.test.ts'

/** Objects that Doorbell creates in MongoDB. */
export const inMongodb: readonly Row[] = [
  {
    object: 'a collection of the database `doorbell`: dropped, or dropped and created again by a write',
    by: 'an administrator, a clean-up script, a restore with `--drop`',
    seen: 'within a minute, after a change of primary at once: line `something that Doorbell needs was restored`, which says what is lost with it. `deliveries`: the log and every delivery that waited. `subscriptions`: events match none, and nothing is delivered',
    recovers: 'created again with validator and indexes. Documents come only from a backup',
    test: compared,
  },
  {
    object: 'the database `doorbell`: dropped',
    by: 'an administrator, a script that had another database in mind',
    seen: 'as above, in one line.',
    recovers: 'created again, empty. Restore a backup into it with every process stopped',
    test: compared,
  },
  {
    object: 'an index: dropped, hidden, another expiry, other options',
    by: 'an administrator who tunes the database, Atlas’ advisor',
    seen: 'within a minute, at once where a query names it: the line with the difference. A build that takes longer than 10 s: `/readyz` `degraded`, PromiseBroken, until it is over',
    recovers:
      'created again, or changed back without a build. Another name and your own indexes stay; a unique one of your own is dropped, since it refuses rows',
    test: compared,
  },
  {
    object: 'a validator: removed, another one, `warn`, `moderate`',
    by: 'an administrator who repairs documents by hand',
    seen: 'within a minute, at once when it refuses a document: the line with the difference',
    recovers:
      'set again. Rows and messages that it refused are written again; other calls were answered 500 until then',
    test: compared,
  },
  {
    object: '`deliveries` or `subscriptions` as a capped collection, a view, or with a collation',
    by: 'an administrator who saves disk',
    seen: 'within a minute: `/readyz` `degraded` with the remedy, PromiseBroken; 503 `promise_broken`',
    recovers: 'after the remedy: rename, start, copy the documents',
    test: compared,
  },
  {
    object: 'the role of Doorbell’s user',
    by: 'an administrator',
    seen: 'writes: with the next command or check of readiness, `/readyz` `degraded`, `writes to MongoDB` with the command that grants it, PromiseBroken. Only `collMod` or the like: a line within a minute',
    recovers: 'as soon as the role is back. Events are accepted and wait in the stream',
    test: changed,
  },
  {
    object: 'writes: `fsyncLock`, a full disk, a majority that is away',
    by: 'a backup script that died, growth, maintenance of two members at once',
    seen: 'after 5 s: as above, with its own remedy; ServerUnreachable',
    recovers: 'with the first write that succeeds. Events are accepted and wait in the stream',
    test: changed,
  },
]
