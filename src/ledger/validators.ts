import { eventIdPattern } from '../domain/event.ts'
import { replaySelections } from '../domain/replay.ts'
import { signingAlgorithms } from '../domain/signing-key.ts'
import { scopes, tenantIdPattern } from '../domain/tenant.ts'

const text = { bsonType: 'string' }
const moment = { bsonType: ['double', 'long', 'int'], minimum: 0 }
const count = { bsonType: ['double', 'long', 'int'], minimum: 0 }
const tenant = { bsonType: 'string', pattern: tenantIdPattern }

/** The collections of the ledger, each with the JSON Schema that MongoDB validates its documents against. */
export const validators = {
  tenants: {
    required: ['_id', 'name', 'createdAt'],
    properties: {
      _id: tenant,
      name: text,
      createdAt: moment,
      retention: { bsonType: 'object', properties: { payloadDays: count, logDays: count } },
      contentRemovedTo: moment,
    },
  },
  tokens: {
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
  keys: {
    required: ['_id', 'alg', 'use', 'publicJwk', 'sealedPrivateJwk', 'createdAt'],
    properties: {
      alg: { enum: signingAlgorithms },
      use: { enum: ['next', 'current', 'retired'] },
      sealedPrivateJwk: text,
      currentSince: moment,
      retiredAt: moment,
    },
  },
  subscriptions: {
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
      createdSequence: count,
    },
  },
  deliveries: {
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
  health: {
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
  replays: {
    required: ['_id', 'tenant', 'subscriptionId', 'from', 'to', 'selection', 'perSecond', 'state', 'createdAt'],
    properties: {
      tenant,
      from: moment,
      to: moment,
      selection: { enum: [...replaySelections] },
      state: { enum: ['running', 'done', 'cancelled'] },
    },
  },
  erasures: {
    required: ['_id', 'tenant', 'state', 'cursor', 'found', 'counts', 'createdAt'],
    properties: { tenant, state: { enum: ['running', 'done'] }, cursor: count, found: { bsonType: 'array' } },
  },
  audit: {
    required: ['_id', 'tenant', 'at', 'actor', 'action', 'resource', 'outcome', 'expireAt'],
    properties: { at: moment, action: text, outcome: { enum: ['begun', 'done', 'failed'] } },
  },
  idempotency: {
    required: ['_id', 'fingerprint', 'begunAt', 'expireAt'],
    properties: { fingerprint: text, begunAt: moment, firstAt: moment, answer: text },
  },
  unmatched: {
    required: ['_id', 'tenant', 'eventId', 'type', 'visitId', 'streamSequence', 'at', 'expireAt'],
    properties: { tenant, eventId: text, streamSequence: count, at: moment },
  },
  activity: {
    required: ['_id', 'tenant', 'subscriptionId', 'at', 'attempts', 'failed', 'expireAt'],
    properties: { tenant, subscriptionId: text, at: moment, attempts: count, failed: count },
  },
  progress: {
    required: ['_id', 'highest', 'at'],
    properties: { highest: count, at: moment, processed: { bsonType: 'object', additionalProperties: count } },
  },
  aside: {
    required: ['_id', 'reason', 'at', 'expireAt'],
    properties: { reason: text, text, expireAt: { bsonType: 'date' } },
  },
  upkeep: {
    required: ['_id', 'at'],
    properties: { at: moment, declaration: text },
  },
} as const

export type CollectionName = keyof typeof validators
