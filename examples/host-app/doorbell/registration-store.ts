import type { Database } from '../database.ts'
import type { Registration, RegistrationStore } from './register.ts'

export const registrationTables = `
  CREATE TABLE IF NOT EXISTS registration (one INTEGER PRIMARY KEY CHECK (one = 1), registration TEXT NOT NULL) STRICT;
`

/** Stores the registration. It contains tokens and a secret, so only the owner may read the folder. */
export const createRegistrationStore = (database: Database): RegistrationStore => ({
  load: () => {
    const row = database.one<{ registration: string }>('SELECT registration FROM registration')
    return row === null ? null : (JSON.parse(row.registration) as Registration)
  },
  save: registration => {
    database.run(
      'INSERT INTO registration VALUES (1, ?) ON CONFLICT DO UPDATE SET registration = excluded.registration',
      JSON.stringify(registration),
    )
  },
})
