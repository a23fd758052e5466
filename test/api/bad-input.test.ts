import test from 'ava'
import { startDoorbell } from '../support/doorbell.ts'

const badUrls = [
  'receiver.example/hook',
  'ftp://receiver.example/',
  'https://user:pass@receiver.example/',
  'https://receiver.example/#top',
  'https://10.0.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://168.63.129.16/machine',
  'https://[::ffff:168.63.129.16]/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'https://0x8080808/',
  'https://134744072/',
  'https://010.0.0.1/',
  'https://8.8.2056/',
] as const

test('urls that Doorbell cannot deliver to, or that hide their target, are refused', async t => {
  const { call } = await startDoorbell(t, { egressAllow: [] })
  await call('PUT', '/v1/tenants/acme', { name: 'Acme' })
  for (const url of badUrls) {
    const body = { url, eventTypes: ['visit.checked_in'] }
    t.like(
      await call('POST', '/v1/tenants/acme/subscriptions', body),
      { status: 400, body: { code: 'url_refused' } },
      url,
    )
  }
  const local = { url: 'https://localhost/', eventTypes: ['visit.checked_in'] }
  t.like(await call('POST', '/v1/tenants/acme/subscriptions', local), { status: 400, body: { code: 'url_refused' } })
})
