import { openLedger } from '../../src/ledger/ledger.ts'
import { testMigrations as migrations } from './test-migrations.ts'

/** A process that opens the ledger with the migrations of the tests and prints what it migrated: `node test/support/open-ledger.ts <url> <database> <lease ms>`. */
const [url = '', database = '', leaseMs = ''] = process.argv.slice(2)
const done: string[] = []
const ledger = await openLedger({ url, database, leaseMs: Number(leaseMs), migrations, onDone: id => done.push(id) })
process.stdout.write(JSON.stringify(done))
await ledger.close()
