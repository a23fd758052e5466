import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { CollectionInfo, Db, Document, IndexDescription } from 'mongodb'
import { eventIdPattern } from '../domain/event.ts'
import { replaySelections } from '../domain/replay.ts'
import { signingAlgorithms } from '../domain/signing-key.ts'
import { scopes, tenantIdPattern } from '../domain/tenant.ts'
import { failureOfLedger, guarded, unhurried } from './faults.ts'

interface CollectionShape {
  readonly name: string
  readonly schema: Document
  readonly indexes: readonly IndexDescription[]
}

const text = { bsonType: 'string' }
const moment = { bsonType: ['double', 'long', 'int'], minimum: 0 }
const count = { bsonType: ['double', 'long', 'int'], minimum: 0 }
const tenant = { bsonType: 'string', pattern: tenantIdPattern }

/** What every collection holds and how it is found. An index costs each insert, so each says which question it answers. */
export const collections = {
  tenants: {
    name: 'tenants',
    schema: {
      required: ['_id', 'name', 'createdAt'],
      properties: {
        _id: tenant,
        name: text,
        createdAt: moment,
        retention: { bsonType: 'object', properties: { payloadDays: count, logDays: count } },
        contentRemovedTo: moment,
      },
    },
    indexes: [],
  },
  tokens: {
    name: 'tokens',
    schema: {
      required: ['_id', 'tenant', 'hash', 'scopes', 'createdAt'],
      properties: {
        tenant,
        hash: { bsonType: 'string', pattern: '^[0-9a-f]{64}$' },
        scopes: { bsonType: 'array', items: { enum: [...scopes] } },
        expiresAt: { bsonType: ['double', 'long', 'int', 'null'] },
        lastUsedAt: moment,
        revokedAt: moment,
      },
    },
    indexes: [
      // Each request of a tenant: whose token is this?
      { key: { hash: 1 }, unique: true },
      { key: { tenant: 1, _id: 1 } },
    ],
  },
  keys: {
    name: 'keys',
    schema: {
      required: ['_id', 'alg', 'use', 'publicJwk', 'sealedPrivateJwk', 'createdAt'],
      properties: {
        alg: { enum: signingAlgorithms },
        use: { enum: ['next', 'current', 'retired'] },
        sealedPrivateJwk: text,
        currentSince: moment,
        retiredAt: moment,
      },
    },
    // One current and one next key, also when two processes start at once.
    indexes: [{ key: { use: 1 }, unique: true, partialFilterExpression: { use: { $in: ['current', 'next'] } } }],
  },
  subscriptions: {
    name: 'subscriptions',
    schema: {
      required: [
        '_id',
        'tenant',
        'url',
        'eventTypes',
        'status',
        'retry',
        'timeoutMs',
        'maxInFlight',
        'payload',
        'sealedSecret',
        'version',
      ],
      properties: {
        tenant,
        url: text,
        eventTypes: { bsonType: 'array', minItems: 1, items: text },
        status: { enum: ['active', 'paused', 'disabled'] },
        ordering: { enum: ['none', 'visit'] },
        ratePerSecond: { bsonType: ['int', 'double', 'long'], minimum: 0.1, maximum: 1_000 },
        expiresAfterMs: { bsonType: ['int', 'double', 'long'], minimum: 1_000 },
        timeoutMs: { bsonType: ['int', 'double', 'long'], minimum: 1_000, maximum: 30_000 },
        maxInFlight: { bsonType: ['int', 'double', 'long'], minimum: 1, maximum: 500 },
        payload: { enum: ['full', 'thin'] },
        sealedSecret: text,
        version: count,
      },
    },
    // A tenant's list in order, and the count for its limit.
    indexes: [{ key: { tenant: 1, _id: 1 } }],
  },
  deliveries: {
    name: 'deliveries',
    schema: {
      required: [
        '_id',
        'tenant',
        'partition',
        'subscriptionId',
        'eventId',
        'visitId',
        'type',
        'status',
        'attempts',
        'createdAt',
        'revision',
      ],
      properties: {
        tenant,
        revision: count,
        kind: { enum: ['replay', 'test'] },
        ordered: { enum: [true] },
        partition: count,
        eventId: { bsonType: 'string', pattern: eventIdPattern },
        status: { enum: ['delivered', 'pending', 'held', 'dead', 'cancelled'] },
        attempts: { bsonType: 'array' },
        nextAttemptAt: moment,
        open: { enum: [true] },
        contentGone: { enum: ['retention', 'erased'] },
        expireAt: { bsonType: 'date' },
      },
    },
    indexes: [
      // What is due of this subscription? Partial: a delivered row never touches it. `open` is there while pending or held.
      { key: { subscriptionId: 1, nextAttemptAt: 1 }, partialFilterExpression: { open: true } },
      // What comes next of this visit? Partial like the one before.
      {
        key: { subscriptionId: 1, visitId: 1, streamSequence: 1 },
        partialFilterExpression: { open: true, ordered: true },
      },
      // How much waits, why, and since when? `open` stands in it so that no row is looked at.
      { key: { open: 1, status: 1, reason: 1, createdAt: 1 }, partialFilterExpression: { open: true } },
      // How far is this replay?
      { key: { replayId: 1, status: 1 }, partialFilterExpression: { replayId: { $exists: true } } },
      // A tenant's deliveries, newest first. The rows of one event are found by the `eventId.` prefix of _id.
      { key: { tenant: 1, createdAt: -1, _id: -1 } },
      // The delivery log ends by itself.
      { key: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  },
  health: {
    name: 'health',
    schema: {
      required: ['_id', 'circuit', 'failingSince', 'notices', 'gone', 'updatedAt'],
      properties: {
        circuit: {
          bsonType: 'object',
          required: ['phase', 'since', 'until', 'times', 'reason'],
          properties: { phase: { enum: ['closed', 'open', 'half-open'] } },
        },
        notices: count,
        gone: count,
      },
    },
    indexes: [],
  },
  replays: {
    name: 'replays',
    schema: {
      required: ['_id', 'tenant', 'subscriptionId', 'from', 'to', 'selection', 'perSecond', 'state', 'createdAt'],
      properties: {
        tenant,
        from: moment,
        to: moment,
        selection: { enum: [...replaySelections] },
        state: { enum: ['running', 'done', 'cancelled'] },
      },
    },
    // Which are to be worked on?
    indexes: [
      { key: { state: 1 }, partialFilterExpression: { state: 'running' } },
      // Which were there, the newest first?
      { key: { tenant: 1, _id: -1 } },
      { key: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  },
  erasures: {
    name: 'erasures',
    schema: {
      required: ['_id', 'tenant', 'state', 'cursor', 'found', 'counts', 'createdAt'],
      properties: { tenant, state: { enum: ['running', 'done'] }, cursor: count, found: { bsonType: 'array' } },
    },
    indexes: [
      // Which are to be worked on, and is one under way for this visitor?
      {
        key: { tenant: 1, visitorId: 1, state: 1 },
        unique: true,
        partialFilterExpression: { state: 'running' },
      },
      { key: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  },
  audit: {
    name: 'audit',
    schema: {
      required: ['_id', 'tenant', 'at', 'actor', 'action', 'resource', 'outcome', 'expireAt'],
      properties: { at: moment, action: text, outcome: { enum: ['begun', 'done', 'failed'] } },
    },
    indexes: [
      // A tenant's entries, newest first.
      { key: { tenant: 1, _id: -1 } },
      { key: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  },
  idempotency: {
    name: 'idempotency',
    schema: {
      required: ['_id', 'fingerprint', 'begunAt', 'expireAt'],
      properties: { fingerprint: text, answer: text },
    },
    indexes: [{ key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  },
  unmatched: {
    name: 'unmatched',
    schema: {
      required: ['_id', 'tenant', 'eventId', 'type', 'visitId', 'streamSequence', 'at', 'expireAt'],
      properties: { tenant, eventId: text, streamSequence: count, at: moment },
    },
    indexes: [{ key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  },
  activity: {
    name: 'activity',
    schema: {
      required: ['_id', 'tenant', 'subscriptionId', 'at', 'attempts', 'failed', 'expireAt'],
      properties: { tenant, subscriptionId: text, at: moment, attempts: count, failed: count },
    },
    indexes: [
      // How was the last hour of this tenant?
      { key: { tenant: 1, at: 1 } },
      { key: { expireAt: 1 }, expireAfterSeconds: 0 },
    ],
  },
  aside: {
    name: 'aside',
    schema: {
      required: ['_id', 'reason', 'at', 'expireAt'],
      properties: { reason: text, text, expireAt: { bsonType: 'date' } },
    },
    indexes: [{ key: { expireAt: 1 }, expireAfterSeconds: 0 }],
  },
} as const satisfies Record<string, CollectionShape>

const alreadyExists = 48
/** Another process is building this collection's index just now. */
const indexIsBuilt = 12_587

/**
 * Creates the collections that are missing, with validators and indexes, and brings the others up to date: all at the same time, since each
 * request waits for the server's disk. A collection that has its validator is not modified, as that would stop its readers and writers for
 * a moment. Two processes may start at once.
 */
export const ensureCollections = async (db: Db): Promise<void> => {
  const found = await guarded(db.listCollections<CollectionInfo>({ type: 'collection' }).toArray())
  const validations = new Map(found.map(({ name, options }) => [name, options]))
  await Promise.all(Object.values(collections).map(shape => ensureCollection(db, shape, validations.get(shape.name))))
}

const ensureCollection = async (db: Db, { name, schema, indexes }: CollectionShape, found?: Document) => {
  const validation = {
    validator: { $jsonSchema: { bsonType: 'object', ...schema } },
    validationLevel: 'strict',
    validationAction: 'error',
  }
  while (!isDeepStrictEqual(found, validation)) {
    const error = await tried(bringUpToDate(db, name, validation))
    if (error === null) break
    if (codeOf(error) !== indexIsBuilt) throw failureOfLedger(error)
    await wait(200)
  }
  if (indexes.length > 0) await unhurried(db.collection(name).createIndexes([...indexes]))
}

const bringUpToDate = async (db: Db, name: string, validation: Document): Promise<void> => {
  const error = await tried(db.createCollection(name, validation))
  if (error === null) return
  if (codeOf(error) !== alreadyExists) throw error
  await db.command({ collMod: name, ...validation })
}

/** What went wrong, or null. */
const tried = (work: Promise<unknown>): Promise<Error | null> =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  )

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code
