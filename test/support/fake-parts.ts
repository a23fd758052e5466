import type { Parts } from '../../src/service/parts.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import type { UntilThere } from '../../src/service/start-wait.ts'
import { loadSettings } from '../../config/load.ts'
import { type FakePorts, fakePorts } from './fake-ports.ts'

/** Settings of a service whose servers are never reached. */
export const aServiceSettings = (change: Partial<ServiceSettings> = {}): ServiceSettings => ({
  ...loadSettings({}),
  natsUrl: 'nats://nats.test',
  natsMonitorUrls: ['http://nats-1.test', 'http://nats-2.test'],
  mongodbUrl: 'mongodb://mongodb.test',
  adminToken: 'operator-token-of-the-tests',
  encryptionKey: new Uint8Array(32).fill(7),
  ...change,
})

/** A start whose servers are all there: a step that fails ends it. */
export const allThere: UntilThere = (_, step) => step()

export interface FakeParts extends FakePorts<Parts> {
  /** The arguments of each call of this port. */
  of(path: string): readonly (readonly unknown[])[]
}

/** The parts of a service as fake ports, with real settings. */
export const fakeParts = (
  answers: Readonly<Record<string, unknown>> = {},
  settings: Partial<ServiceSettings> = {},
): FakeParts => {
  const fake = fakePorts<Parts>({ settings: aServiceSettings(settings), ...answers })
  return { ...fake, of: path => fake.calls.filter(([name]) => name === path).map(([, ...args]) => args) }
}
