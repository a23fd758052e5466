import type { ExecutionContext } from 'ava'
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts'
import { openChanges } from '../../../src/ledger/open-changes.ts'
import { takeLedger } from '../../support/databases.ts'
import { newTenant, type TestTenant } from '../../support/ledger.ts'
import { mongodbUrl } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { createLink } from '../models/link.ts'
import { createMongoModel } from '../models/mongo/mongo.ts'
import { startHeldLink } from './held-link.ts'
import { type Behaviour, realPorts, refusalOf } from './hold.ts'

/** A process with a link that breaks, and another one without. */
export interface BreakingLedger extends TestTenant {
  readonly ledger: Ledger
  readonly other: Ledger
  readonly link: { cut(how: 'silent' | 'closed'): void; heal(): unknown }
}

export const breakingLedgers = {
  real: async (t: ExecutionContext): Promise<BreakingLedger> => {
    const other = await takeLedger(t)
    const link = await startHeldLink(t, mongodbUrl())
    const url = `mongodb://127.0.0.1:${link.port}/?directConnection=true`
    const ledger = await openLedger({ url, database: other.db.databaseName })
    t.teardown(ledger.close)
    return { ...newTenant(), ledger, other, link }
  },
  model: async (t: ExecutionContext): Promise<BreakingLedger> => {
    const model = createMongoModel(realPorts)
    const link = createLink(realPorts)
    const open = (over: typeof link) => openLedger({ url: 'mongodb://model.test', connect: model.connect(over) })
    const [ledger, other] = [await open(link), await open(createLink(realPorts))]
    t.teardown(async () => {
      await ledger.close()
      await other.close()
      model.faults.close()
    })
    return { ...newTenant(), ledger, other, link }
  },
}

const later = (ms: number, work: () => unknown) =>
  new Promise<unknown>(resolve => setTimeout(() => resolve(work()), ms))
const rowsOf = async ({ other, tenant }: BreakingLedger) =>
  (await other.deliveries.list({ tenant, limit: 10 })).map(({ eventId }) => eventId)

/** Follows the subscriptions. The result reads changes until there is one of this id. */
const follow = async ({ ledger }: BreakingLedger) => {
  const changes = await openChanges(ledger.subscriptions.watch())
  return async (last: string) => {
    const ids: unknown[] = []
    while (ids.at(-1) !== last)
      ids.push(((await changes.next()).value as { documentKey: { _id: unknown } }).documentKey._id)
    return ids
  }
}

export const ledgerFaults: readonly Behaviour<BreakingLedger>[] = [
  {
    title: 'what is asked while connections are refused is done once, if it is repeated until it is done',
    outcome: ['done', ['e-1']],
    steps: async side => {
      const { ledger, link, row } = side
      link.cut('closed')
      // The driver waits for a server. In the first moment it may also spend its one repetition on a connection that is refused.
      const done = until(
        () => refusalOf(ledger.deliveries.insert(row('e-1'))),
        answer => answer === 'done',
      )
      await later(700, link.heal)
      return [await done, await rowsOf(side)]
    },
  },
  {
    title: 'after more than five seconds without a server everything is refused, and nothing of it is done later',
    outcome: [['Failure', 'ledger_unavailable'], ['Failure', 'ledger_unavailable'], ['e-2']],
    steps: async side => {
      const { ledger, link, tenant, row } = side
      link.cut('closed')
      const refused = await Promise.all(
        [ledger.deliveries.get(tenant, 'none'), ledger.deliveries.insert(row('e-1'))].map(refusalOf),
      )
      await link.heal()
      await ledger.deliveries.insert(row('e-2'))
      return [...refused, await rowsOf(side)]
    },
  },
  {
    title: 'what is sent into a silent link is done once, when it is heard again',
    outcome: [[], 'done', ['e-1'], 1],
    steps: async side => {
      const { ledger, link, tenant, row } = side
      await ledger.deliveries.get(tenant, 'none')
      link.cut('silent')
      const writing = ledger.deliveries.insert(row('e-1'))
      await later(500, () => undefined)
      const before = await rowsOf(side)
      await link.heal()
      const done = await refusalOf(writing)
      return [before, done, await rowsOf(side), (await ledger.deliveries.get(tenant, row('e-1').id))?.revision]
    },
  },
  {
    title: 'a write whose connection breaks before its answer came is done once',
    outcome: [1, 1],
    steps: async side => {
      const { ledger, link, tenant, row } = side
      const rows = ledger.db.collection<{ _id: string; revision: number }>('deliveries')
      await ledger.deliveries.insert(row('e-1', { revision: 0 }))
      link.cut('silent')
      const writing = rows.updateOne({ _id: row('e-1').id }, { $inc: { revision: 1 } })
      await later(200, () => link.cut('closed'))
      await later(300, link.heal)
      const { matchedCount } = await writing
      return [matchedCount, (await side.other.deliveries.get(tenant, row('e-1').id))?.revision]
    },
  },
  {
    title: 'a change stream continues after a short break with what happened in between',
    outcome: ['before', 'between', 'after'].map(name => [name]),
    steps: async side => {
      const { other, link, subscription, tenant } = side
      const next = await follow(side)
      const insert = (name: string) => other.subscriptions.insert(subscription({ id: `${tenant}.${name}` }))
      const read = async (name: string) =>
        (await next(`${tenant}.${name}`)).map(id => String(id).replace(`${tenant}.`, ''))
      await insert('before')
      const before = await read('before')
      link.cut('closed')
      await insert('between')
      await later(700, link.heal)
      const between = await read('between')
      await insert('after')
      return [before, between, await read('after')]
    },
  },
  {
    title: 'a change stream that finds no server for ten seconds ends, and a new one begins from now',
    outcome: [['MongoNetworkError', undefined], ['after']],
    steps: async side => {
      const { other, link, subscription, tenant } = side
      const next = await follow(side)
      const insert = (name: string) => other.subscriptions.insert(subscription({ id: `${tenant}.${name}` }))
      link.cut('closed')
      await insert('between')
      const ended = await refusalOf(next('none'))
      await link.heal()
      const again = await until(
        () => follow(side).catch(() => null),
        opened => opened !== null,
      )
      await insert('after')
      return [ended, (await again?.(`${tenant}.after`))?.map(id => String(id).replace(`${tenant}.`, ''))]
    },
  },
  {
    title: 'a change stream over a silent link has everything when it is heard again',
    outcome: ['one', 'two'],
    steps: async side => {
      const { other, link, subscription, tenant } = side
      const next = await follow(side)
      link.cut('silent')
      for (const name of ['one', 'two']) await other.subscriptions.insert(subscription({ id: `${tenant}.${name}` }))
      await later(1_500, link.heal)
      return (await next(`${tenant}.two`)).map(id => String(id).replace(`${tenant}.`, ''))
    },
  },
]
