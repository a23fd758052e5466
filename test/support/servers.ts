import { randomBytes } from 'node:crypto'

/** What `test/run.ts` gives to the tests by environment. */
export const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined)
    throw new Error(`${name} is not set: run the tests with "npm test", which starts the servers`)
  return value
}

/** The url of the run's nats-server, which has JetStream. */
export const natsUrl = (): string => required('DOORBELL_TEST_NATS_URL')

/** The url of the run's MongoDB, a replica set of one. */
export const mongodbUrl = (): string => required('DOORBELL_TEST_MONGODB_URL')

/** A name that no other test uses, for a database or a stream. */
export const freshName = (prefix: string): string => `${prefix}_${randomBytes(6).toString('hex')}`
