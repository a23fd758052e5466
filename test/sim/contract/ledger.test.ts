import { hold } from './hold.ts'
import { ledgerChanges } from './ledger-changes.ts'
import { ledgerDocuments } from './ledger-documents.ts'
import { breakingLedgers, ledgerFaults } from './ledger-faults.ts'
import { ledgerRules } from './ledger-rules.ts'
import { ledgerSides } from './ledger-sides.ts'

// One file, since each one costs a second of CPU to start.
hold(ledgerSides(), [...ledgerDocuments, ...ledgerRules, ...ledgerChanges])
hold(breakingLedgers, ledgerFaults)
