import { randomBytes } from 'node:crypto'

const required = (name: string): string => {
  const value = process.env[name]
  if (value === undefined)
    throw new Error(`${name} is not set: run the tests with "npm test", which starts the servers`)
  return value
}

/** The nats-server (with JetStream) that `test/run.ts` started for this run. */
export const natsUrl = (): string => required('DOORBELL_TEST_NATS_URL')

/** The one-node replica set that `test/run.ts` started for this run. */
export const mongodbUrl = (): string => required('DOORBELL_TEST_MONGODB_URL')

/** A name no other test uses, for a database or a stream. */
export const freshName = (prefix: string): string => `${prefix}_${randomBytes(6).toString('hex')}`
