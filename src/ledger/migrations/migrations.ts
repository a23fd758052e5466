import { waitingRowsHaveAnEnd } from './0001-waiting-rows-have-an-end.ts'
import type { Migration } from './migration.ts'

/** The migrations of this version, in order. */
export const migrations: readonly Migration[] = [waitingRowsHaveAnEnd]
