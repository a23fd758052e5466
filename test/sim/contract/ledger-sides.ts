import test, { type ExecutionContext } from 'ava'
import type { Collection, Db } from 'mongodb'
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts'
import { ledgerOfFile, newTenant, type TestTenant } from '../../support/ledger.ts'
import { freshName } from '../../support/servers.ts'
import { createLink } from '../models/link.ts'
import { createMongoModel } from '../models/mongo/mongo.ts'
import { realPorts } from './hold.ts'

interface Thing {
  readonly _id: string | number
  readonly [field: string]: unknown
}

/** A ledger, and a collection of its database that nobody else uses. */
export interface LedgerSide extends TestTenant {
  readonly ledger: Ledger
  readonly db: Db
  readonly things: Collection<Thing>
}

export const ledgerSides = () => {
  const real = ledgerOfFile()
  const model = createMongoModel(realPorts)
  let modelled: Ledger
  test.before(async () => {
    modelled = await openLedger({ url: 'mongodb://model.test', connect: model.connect(createLink(realPorts)) })
  })
  test.after.always(async () => {
    await modelled.close()
    model.faults.close()
  })
  const side = (ledger: Ledger): LedgerSide => {
    const { db } = ledger
    return { ...newTenant(), ledger, db, things: db.collection<Thing>(freshName('things')) }
  }
  return {
    real: async (t: ExecutionContext) => {
      const opened = side(real())
      t.teardown(() => opened.things.drop())
      return opened
    },
    model: async () => side(modelled),
  }
}
