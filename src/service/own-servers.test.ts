import { mock } from 'node:test'
import test from 'ava'
import { fakePorts } from '../../test/support/fake-ports.ts'
import { aServiceSettings } from '../../test/support/fake-parts.ts'
import type { Settings } from '../../config/settings.ts'
import type { EmbeddedOptions } from '../embedded/embedded.ts'
import { openServers } from './own-servers.ts'

const folder = { path: '/real/data', adminToken: 'dba_kept', encryptionKey: new Uint8Array(32).fill(1) }
const none = { natsUrl: null, mongodbUrl: null, adminToken: null, encryptionKey: null }

const opened = async (change: Partial<Settings>) => {
  const steps: string[] = []
  const fake = fakePorts<{
    log: Parameters<typeof openServers>[0]['log']
    onServerExit: () => void
    make: NonNullable<Parameters<typeof openServers>[2]>
  }>({
    'make.open': async () => ({ ...folder, release: async () => void steps.push('folder released') }),
    'make.start': async ({ nats, mongodb }: EmbeddedOptions) => ({
      natsUrl: nats ? 'nats://embedded' : null,
      natsMonitorUrl: nats ? 'http://embedded' : null,
      mongodbUrl: mongodb ? 'mongodb://embedded' : null,
      stop: async () => void steps.push('servers stopped'),
    }),
    onServerExit: () => steps.push('exit reported'),
  })
  const settings: Settings = { ...aServiceSettings(), dataDir: '/data', sync: 'interval', ...change }
  const { log, onServerExit, make } = fake.ports
  const running = new AsyncDisposableStack()
  const { open, start } = make
  const servers = await fake.inOrder(() => openServers({ settings, log, onServerExit }, running, { open, start }))
  const of = (name: string) => fake.calls.filter(([path]) => path === name).map(([, ...args]) => args)
  return { ...fake, of, servers, steps, running, settings }
}

test('servers that the settings name are used as they are, and no data folder is opened', async t => {
  const { calls, servers, settings } = await opened({})
  const { natsUrl, natsMonitorUrls, mongodbUrl, adminToken, encryptionKey } = settings
  t.deepEqual([calls, servers as object], [[], { natsUrl, natsMonitorUrls, mongodbUrl, adminToken, encryptionKey }])
})

const embeddedNats = { natsUrl: 'nats://embedded', natsMonitorUrls: ['http://embedded'] }
const embedded = { ...embeddedNats, mongodbUrl: 'mongodb://embedded' }
const kept = { adminToken: folder.adminToken, encryptionKey: folder.encryptionKey }
const own = { adminToken: 'operator', encryptionKey: new Uint8Array(32).fill(2) }
const cases: [what: string, change: Partial<Settings>, nats: boolean, mongodb: boolean, servers: object][] = [
  ['both servers, with the token and key of the data folder', none, true, true, { ...embedded, ...kept }],
  [
    'NATS only',
    { ...none, ...own, mongodbUrl: 'mongodb://own' },
    true,
    false,
    { ...embeddedNats, mongodbUrl: 'mongodb://own', ...own },
  ],
  [
    'MongoDB only',
    { ...none, ...own, natsUrl: 'nats://own', natsMonitorUrls: ['http://own'] },
    false,
    true,
    { natsUrl: 'nats://own', natsMonitorUrls: ['http://own'], mongodbUrl: 'mongodb://embedded', ...own },
  ],
]
for (const [what, change, nats, mongodb, expected] of cases)
  test(`a start without servers embeds ${what}; the data folder is released after they have stopped`, async t => {
    const { of, servers, steps, running } = await opened(change)
    t.deepEqual(servers as object, expected)
    t.deepEqual(of('make.open'), [['/data']])
    t.like(of('make.start')[0]?.[0], { dataDir: '/real/data', sync: 'interval', nats, mongodb })
    await running.disposeAsync()
    t.deepEqual(steps, ['servers stopped', 'folder released'])
  })

test.serial(
  'an embedded server that ends by itself is logged with its log file, and the progress of a start is printed',
  async t => {
    const { of, lines, steps } = await opened(none)
    const [[options] = []] = of('make.start')
    const { onExit, progress } = options as EmbeddedOptions
    onExit('mongod', 'exit code 1')
    t.deepEqual(steps, ['exit reported'])
    const fields = { server: 'mongod', detail: 'exit code 1', remedy: 'see /data/mongod.log' }
    t.deepEqual(lines, [['error', fields, 'an embedded server ended']])
    const printed: string[] = []
    const write = mock.method(process.stderr, 'write', (text: string) => printed.push(text) > 0)
    progress('downloading')
    write.mock.restore()
    t.regex(printed.join(''), /downloading/)
  },
)
