import type { Migration } from './migration.ts'

/** The migrations of this version, in order. */
export const migrations: readonly Migration[] = []
