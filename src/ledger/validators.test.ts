import test from 'ava'
import { type Document, Long, MongoBulkWriteError } from 'mongodb'
import { ledgerOfFile } from '../../test/support/ledger.ts'
import { freshName } from '../../test/support/servers.ts'
import { validators } from './validators.ts'

const ledger = ledgerOfFile()

interface Rules {
  /** A document with every field. */
  readonly document: Document
  readonly required: string
  /** For each field values that are refused. */
  readonly refused: Readonly<Record<string, readonly unknown[]>>
  /** Values at the bounds that are stored. */
  readonly stored: Readonly<Record<string, readonly unknown[]>>
}

const notText = [1, null]
const notNumber = [-1, '1', null]
const numbers = [0, 1.5, Long.fromNumber(2 ** 40)]
const notDate = [1, 'x', null]
const notTenant = ['', 'Acme', 'a.b', 'a'.repeat(41), 1]
const expireAt = new Date(Date.now() + 1e9)

/** What the database itself refuses, whatever the code does. */
const collections: Readonly<Record<string, Rules>> = {
  tenants: {
    document: { name: 'Acme', createdAt: 1, retention: { payloadDays: 1, logDays: 1 }, contentRemovedTo: 1 },
    required: 'name createdAt',
    refused: {
      _id: notTenant,
      name: notText,
      createdAt: notNumber,
      retention: [1, { payloadDays: -1 }, { payloadDays: '1' }, { logDays: -1 }, { logDays: '1' }],
      contentRemovedTo: notNumber,
    },
    stored: { _id: ['a', 'a-1', 'a'.repeat(40)], createdAt: numbers, retention: [{}], contentRemovedTo: numbers },
  },
  tokens: {
    document: {
      tenant: 'acme',
      hash: '0123456789abcdef'.repeat(4),
      scopes: ['events:write'],
      createdAt: 1,
      expiresAt: 1,
      lastUsedAt: 1,
      revokedAt: 1,
    },
    required: 'tenant hash scopes createdAt',
    refused: {
      tenant: notTenant,
      hash: ['a'.repeat(63), 'a'.repeat(65), 'A'.repeat(64), 'g'.repeat(64), ...notText],
      scopes: ['events:write', ['admin']],
      expiresAt: ['1'],
      lastUsedAt: notNumber,
      revokedAt: notNumber,
    },
    stored: {
      scopes: [
        [],
        [
          'events:write',
          'subscriptions:read',
          'subscriptions:write',
          'deliveries:read',
          'deliveries:write',
          'tokens:write',
        ],
      ],
      expiresAt: [null, ...numbers],
      lastUsedAt: numbers,
      revokedAt: numbers,
    },
  },
  keys: {
    document: {
      alg: 'ES256',
      use: 'retired',
      publicJwk: {},
      sealedPrivateJwk: 'sealed',
      createdAt: 1,
      currentSince: 1,
      retiredAt: 1,
    },
    required: 'alg use publicJwk sealedPrivateJwk createdAt',
    refused: {
      alg: ['RS256', 1],
      use: ['old', 1],
      sealedPrivateJwk: notText,
      currentSince: notNumber,
      retiredAt: notNumber,
    },
    stored: { alg: ['Ed25519'], use: ['next', 'current'], currentSince: numbers, retiredAt: numbers },
  },
  subscriptions: {
    document: {
      tenant: 'acme',
      url: 'https://receiver.example/',
      eventTypes: ['visit.*'],
      status: 'active',
      retry: {},
      timeoutMs: 1_000,
      maxInFlight: 1,
      payload: 'full',
      sealedSecret: 'sealed',
      version: 1,
      ordering: 'none',
      ratePerSecond: 1,
      expiresAfterMs: 1_000,
    },
    required: 'tenant url eventTypes status retry timeoutMs maxInFlight payload sealedSecret version',
    refused: {
      tenant: notTenant,
      url: notText,
      eventTypes: [[], 'visit.*', [1]],
      status: ['open', 1],
      ordering: ['event', 1],
      ratePerSecond: [0.09, 1_000.1, '1'],
      expiresAfterMs: [999, '1000'],
      timeoutMs: [999, 30_001, '1000'],
      maxInFlight: [0, 501, '1'],
      payload: ['half', 1],
      sealedSecret: notText,
      version: notNumber,
    },
    stored: {
      status: ['paused', 'disabled'],
      ordering: ['visit'],
      ratePerSecond: [0.1, 1_000, Long.fromNumber(2)],
      expiresAfterMs: [1_000.5, Long.fromNumber(2 ** 40)],
      timeoutMs: [1_000.5, 30_000, Long.fromNumber(2_000)],
      maxInFlight: [1.5, 500, Long.fromNumber(2)],
      payload: ['thin'],
      version: numbers,
    },
  },
  deliveries: {
    document: {
      tenant: 'acme',
      partition: 1,
      subscriptionId: 'sub_1',
      eventId: 'evt-1',
      visitId: 'visit-1',
      type: 'visit.created',
      status: 'pending',
      attempts: [],
      createdAt: 1,
      revision: 1,
      kind: 'replay',
      ordered: true,
      nextAttemptAt: 1,
      open: true,
      contentGone: 'erased',
      expireAt,
    },
    required: 'tenant partition subscriptionId eventId visitId type status attempts createdAt revision',
    refused: {
      tenant: notTenant,
      revision: notNumber,
      kind: ['first'],
      ordered: [false],
      partition: notNumber,
      eventId: ['', 'a.b', 'a'.repeat(65), 1],
      status: ['lost', 1],
      attempts: [{}, 'none'],
      nextAttemptAt: notNumber,
      open: [false],
      contentGone: ['expired', true],
      expireAt: notDate,
    },
    stored: {
      revision: numbers,
      kind: ['test'],
      partition: numbers,
      eventId: ['a'.repeat(64), 'A_z-9'],
      status: ['delivered', 'held', 'dead', 'cancelled'],
      nextAttemptAt: numbers,
      contentGone: ['retention'],
    },
  },
  health: {
    document: {
      circuit: { phase: 'closed', since: 1, until: null, times: 0, reason: null },
      failingSince: null,
      notices: 1,
      gone: 1,
      updatedAt: 1,
    },
    required: 'circuit failingSince notices gone updatedAt',
    refused: {
      circuit: [
        1,
        { phase: 'ajar', since: 1, until: null, times: 0, reason: null },
        { since: 1, until: null, times: 0, reason: null },
        { phase: 'open', until: null, times: 0, reason: null },
        { phase: 'open', since: 1, times: 0, reason: null },
        { phase: 'open', since: 1, until: null, reason: null },
        { phase: 'open', since: 1, until: null, times: 0 },
      ],
      notices: notNumber,
      gone: notNumber,
    },
    stored: {
      circuit: ['open', 'half-open'].map(phase => ({ phase, since: 1, until: 2, times: 1, reason: 'x' })),
      notices: numbers,
      gone: numbers,
    },
  },
  replays: {
    document: {
      tenant: 'acme',
      subscriptionId: 'sub_1',
      from: 1,
      to: 2,
      selection: 'all',
      perSecond: 1,
      state: 'running',
      createdAt: 1,
    },
    required: 'tenant subscriptionId from to selection perSecond state createdAt',
    refused: { tenant: notTenant, from: notNumber, to: notNumber, selection: ['held', 1], state: ['paused', 1] },
    stored: {
      from: numbers,
      to: numbers,
      selection: ['delivered', 'dead', 'cancelled', 'missing'],
      state: ['done', 'cancelled'],
    },
  },
  erasures: {
    document: { tenant: 'acme', state: 'done', cursor: 1, found: [], counts: {}, createdAt: 1 },
    required: 'tenant state cursor found counts createdAt',
    refused: { tenant: notTenant, state: ['cancelled', 1], cursor: notNumber, found: [{}, 'none'] },
    stored: { state: ['running'], cursor: numbers },
  },
  audit: {
    document: { tenant: 'acme', at: 1, actor: {}, action: 'x', resource: {}, outcome: 'done', expireAt },
    required: 'tenant at actor action resource outcome expireAt',
    refused: { at: notNumber, action: notText, outcome: ['lost', 1] },
    stored: { tenant: [null], at: numbers, outcome: ['begun', 'failed'] },
  },
  idempotency: {
    document: { fingerprint: 'f', begunAt: 1, answer: 'sealed', expireAt },
    required: 'fingerprint begunAt expireAt',
    refused: { fingerprint: notText, answer: notText },
    stored: {},
  },
  unmatched: {
    document: { tenant: 'acme', eventId: 'e', type: 'x', visitId: 'v', streamSequence: 1, at: 1, expireAt },
    required: 'tenant eventId type visitId streamSequence at expireAt',
    refused: { tenant: notTenant, eventId: notText, streamSequence: notNumber, at: notNumber },
    stored: { streamSequence: numbers, at: numbers },
  },
  activity: {
    document: { tenant: 'acme', subscriptionId: 's', at: 1, attempts: 1, failed: 1, expireAt },
    required: 'tenant subscriptionId at attempts failed expireAt',
    refused: { tenant: notTenant, subscriptionId: notText, at: notNumber, attempts: notNumber, failed: notNumber },
    stored: { at: numbers, attempts: numbers, failed: numbers },
  },
  aside: {
    document: { reason: 'x', at: 1, text: 'x', expireAt },
    required: 'reason at expireAt',
    refused: { reason: notText, text: notText, expireAt: notDate },
    stored: {},
  },
  progress: {
    document: { highest: 1, at: 1, processed: { 0: 1 } },
    required: 'highest at',
    refused: { highest: notNumber, at: notNumber, processed: [1, { 0: -1 }, { 0: '1' }] },
    stored: { highest: numbers, at: numbers, processed: [{}, { 0: 0, 15: 9 }] },
  },
  upkeep: {
    document: { at: 1, declaration: 'x' },
    required: 'at',
    refused: { at: notNumber, declaration: notText },
    stored: { at: numbers },
  },
}

test('the database itself refuses every document that breaks its schema, and stores each that keeps it', async t => {
  t.deepEqual(Object.keys(validators).toSorted(), Object.keys(collections).toSorted(), 'each collection has its row')
  await Promise.all(
    Object.entries(collections).map(async ([name, { document, required, refused, stored }]) => {
      const _id = () => freshName('x').replace('_', '-')
      const changed = (changes: Rules['refused']) =>
        Object.entries(changes).flatMap(([field, values]) =>
          values.map(value => ({ _id: _id(), ...document, [field]: value })),
        )
      const incomplete = required.split(' ').map(field => {
        const { [field]: _, ...rest }: Document = { _id: _id(), ...document }
        return rest
      })
      const optional = Object.keys(document).filter(field => !required.split(' ').includes(field))
      const least = { _id: _id(), ...document }
      for (const field of optional) delete (least as Document)[field]
      t.deepEqual(await storedOf(name, [...incomplete, ...changed(refused)]), [], `${name} refuses these`)
      const good = [{ _id: _id(), ...document }, least, ...changed(stored)]
      t.deepEqual(await storedOf(name, good), good, `${name} stores these`)
    }),
  )
})

/** Returns those that the validator accepts. */
const storedOf = async (name: string, documents: readonly Document[]): Promise<readonly Document[]> => {
  try {
    await ledger()
      .db.collection(name)
      .insertMany([...documents], { ordered: false })
    return documents
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error
    const refused = new Set([error.writeErrors].flat().flatMap(({ index, code }) => (code === 121 ? [index] : [])))
    return documents.filter((_, index) => !refused.has(index))
  }
}
