import { spawn } from 'node:child_process'
import { join } from 'node:path'
import test from 'ava'
import { freePort } from '../../../src/embedded/ports.ts'
import { adminToken, startDoorbell } from '../../support/doorbell.ts'
import { asHost, inviteAs, newFolder, startApp } from './setup.ts'

test.serial('a second start uses what the first one created, and keeps all visits', async t => {
  const doorbell = await startDoorbell(t)
  const dataDir = await newFolder(t)
  const first = await startApp(t, doorbell, dataDir)
  const { cookie, home } = await asHost(first, 'host-1')
  await inviteAs(first, cookie)
  await first.stop()

  const second = await startApp(t, doorbell, dataDir)
  t.deepEqual(second.registration, first.registration)
  t.is((await home(second)).visits.length, 1, 'the session is still valid')
  const { body } = await doorbell.call<{ items: { url: string }[] }>('GET', '/v1/tenants/host-app/subscriptions')
  t.deepEqual(
    body.items.map(({ url }) => url),
    [`${second.url}/webhooks`],
    'one subscription, with the new port',
  )
  await second.stop()

  const id = second.registration.subscriptionId
  await doorbell.call('DELETE', `/v1/tenants/host-app/subscriptions/${id}`)
  const third = await startApp(t, doorbell, dataDir)
  t.not(third.registration.subscriptionId, id, 'a deleted subscription is created again')
  t.is(third.registration.appToken, first.registration.appToken)
  await third.stop()

  const tokens = await doorbell.call<{ items: { id: string }[] }>('GET', '/v1/tenants/host-app/tokens')
  for (const token of tokens.body.items) await doorbell.call('DELETE', `/v1/tenants/host-app/tokens/${token.id}`)
  const fourth = await startApp(t, doorbell, dataDir)
  t.not(fourth.registration.appToken, first.registration.appToken, 'revoked tokens are created again')
})

test.serial('a start that fails explains the reason', async t => {
  const failedStart = async (environment: Record<string, string>) => {
    const child = spawn(process.execPath, ['examples/host-app/start.ts'], {
      cwd: join(import.meta.dirname, '../../..'),
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', HOST_APP_PORT: '0', HOST_APP_DATA_DIR: await newFolder(t), ...environment },
    })
    let text = ''
    child.stderr.on('data', data => (text += String(data)))
    const code = await new Promise(resolve => child.once('close', resolve))
    t.is(code, 1)
    t.notRegex(text, /\n {4}at /, 'no stack')
    return text
  }
  const unused = `http://127.0.0.1:${await freePort(0)}`
  t.regex(await failedStart({ DOORBELL_URL: unused }), /is Doorbell running\? Start it with `npm start`/)
  t.regex(await failedStart({ HOST_APP_PORT: 'many' }), /HOST_APP_PORT is "many"/)

  const careful = await startDoorbell(t, { egressAllow: [], egressHttp: false })
  const at = { DOORBELL_URL: careful.service.url, DOORBELL_ADMIN_TOKEN: adminToken }
  t.regex(await failedStart(at), /DOORBELL_EGRESS_ALLOW=127\.0\.0\.0\/8 DOORBELL_EGRESS_HTTP=true npm start/)
  t.regex(
    await failedStart({ ...at, DOORBELL_ADMIN_TOKEN: 'not-the-operators' }),
    /does not accept this operator’s token/,
  )
  t.regex(
    await failedStart({ ...at, DOORBELL_ADMIN_TOKEN: '', DOORBELL_DATA_DIR: '/nowhere' }),
    /set DOORBELL_ADMIN_TOKEN/,
  )
})
