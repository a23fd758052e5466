import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { isFailure } from '../../src/domain/failure.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { noObserver } from '../../src/ledger/observer.ts'
import { neededActions } from '../../src/ledger/upkeep/role.ts'
import { createDoorbellUser, startOwnMongod } from '../support/own-mongod.ts'
import { mongodbUrl, natsUrl } from '../support/servers.ts'
import { startProcess } from '../support/service-process.ts'

const project = join(import.meta.dirname, '../..')

const environment = (url: string) => ({
  NATS_URL: natsUrl(),
  MONGODB_URL: url,
  DOORBELL_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  DOORBELL_ROLE: 'api',
})

/** Starts a service that must end, and returns what it wrote. */
const output = async (t: ExecutionContext, url: string): Promise<string> => {
  const error = await t.throwsAsync(startProcess(environment(url)))
  const [, code, text = ''] = /^ended with (\d+): ([^]*)$/.exec(error?.message ?? '') ?? []
  t.is(code, '1', error?.message)
  return text
}

/** It ends with exit code 1 and one line, which says what is wrong and how to fix it. */
const endsWith = async (t: ExecutionContext, url: string, message: RegExp): Promise<void> => {
  const text = await output(t, url)
  // On a busy machine the start may have said that it waits for the server's first answer.
  const lines = text.split('\n').filter(line => line !== '' && !line.includes('the start waits'))
  t.is(lines.length, 1, text)
  t.regex(lines[0] ?? '', message)
  t.false(/p@ss|\n +at /.test(text), text)
}

/** As `endsWith`, without a process of its own. */
const refuses = async (t: ExecutionContext, url: string, message: RegExp): Promise<void> => {
  const error = await t.throwsAsync(openLedger({ url }))
  t.true(isFailure(error, 'invalid_settings'), error?.message)
  t.regex(error?.message ?? '', message)
  t.false(error?.message.includes('p@ss'))
}

const setting = (url: string, change: string) => `${url}${url.includes('?') ? '&' : '?'}${change}`

test('a start with a wrong setting for MongoDB ends with a line of its own, which says what to change', async t => {
  const url = mongodbUrl()
  await Promise.all([
    endsWith(t, setting(url, 'unknown=p@ss'), /MONGODB_URL cannot be read/),
    endsWith(
      t,
      url.replace('replicaSet=doorbell', 'replicaSet=rs0'),
      /replica set doorbell, not to rs0: write replicaSet=doorbell/,
    ),
    refuses(t, url.replace('//', '//nobody:p%40ss@'), /has no user "nobody" with this password.*changeUserPassword/),
    refuses(t, setting(url, 'tls=true'), /does not speak TLS: remove tls=true/),
  ])
})

test('a start on a standalone mongod ends with the commands that make it a replica set', async t => {
  const { url } = await startOwnMongod(t, { replicaSet: null })
  await refuses(t, url(), /standalone server.*--replSet doorbell, run rs\.initiate\(\).*\?replicaSet=doorbell/)
})

test('a user without a needed privilege ends a start with the command that grants it; with readWrite, each start works', async t => {
  const mongod = await startOwnMongod(t, { users: true })
  const { admin, url } = mongod
  const createUser = (user: string, role: string) =>
    admin.db('admin').command({ createUser: user, pwd: `password-of-${user}`, roles: [{ role, db: 'doorbell' }] })
  await createUser('reader', 'read')
  await createUser('writer', 'readWrite')
  const grant =
    /db\.getSiblingDB\("admin"\)\.grantRolesToUser\("reader", \[\{ role: "readWrite", db: "doorbell" \}, \{ role: "dbAdmin"/
  await Promise.all([
    endsWith(
      t,
      url('reader'),
      new RegExp(`do not allow insert, update, remove on the database doorbell.*${grant.source}`),
    ),
    refuses(t, url(), /MongoDB asks for a user, and MONGODB_URL has none/),
    refuses(t, url('reader', 'p%40ss'), /has no user "reader" with this password/),
    refuses(t, setting(url('reader'), 'authSource=doorbell'), /database "doorbell" has no user.*add authSource=admin/),
  ])

  const open = () => openLedger({ url: url('writer'), observer: { ...noObserver } })
  for (let start = 0; start < 2; start += 1) {
    const ledger = await open()
    await ledger.tenants.put('acme', 'Acme', 1)
    const [role, ...others] = (await Promise.all(ledger.requirements.map(({ check }) => check()))).flat()
    t.deepEqual(others, [])
    t.like(role, { outcome: 'kept', object: 'the role of the user in MONGODB_URL' })
    t.regex(role?.difference ?? '', /^lacks collMod, bypassDocumentValidation: /)
    await ledger.close()
  }
  // A difference that this role cannot repair.
  await admin.db('doorbell').command({ collMod: 'tokens', validator: {} })
  const refused = await t.throwsAsync(open)
  t.regex(
    refused?.message ?? '',
    /to repair the validator of tokens, which is missing\. .*grantRolesToUser\("writer", /,
  )
  await createDoorbellUser(admin)
  await (await openLedger({ url: url('doorbell') })).close()
  await (await open()).close()
})

test('the documented role has exactly the actions that the service needs, and the page shows the commands that are run', async t => {
  const commands = await readFile(join(project, 'deploy/mongodb/user.js'), 'utf8')
  const page = await readFile(join(project, 'docs/operations.md'), 'utf8')
  t.true(
    page.includes(commands.replace(/^\/\/.*\n/, '')),
    'docs/operations.md holds the commands of deploy/mongodb/user.js',
  )
  const [, actions = ''] = /actions: \[([^\]]*)\]/.exec(commands) ?? []
  t.deepEqual(
    [...actions.matchAll(/'(\w+)'/g)].map(([, action]) => action ?? ''),
    [...neededActions],
  )
})
