import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { loadSettings } from '../../config/load.ts'
import { checkIn, type Doorbell, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'

const whenThereIsOpenssl = spawnSync('openssl', ['version']).status === 0 ? test : test.skip

/** A private certificate authority, which issues certificates for endpoints on this machine. */
const createAuthority = async (t: ExecutionContext) => {
  const folder = await mkdtemp(join(tmpdir(), 'doorbell-authority-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Authority', '-days', '2')
  const issue = async ({ altName = 'IP:127.0.0.1', days = 2 } = {}) => {
    await writeFile(join(folder, 'extensions'), `subjectAltName=${altName}\n`)
    openssl('req', ...newKey, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=endpoint')
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions']
    openssl('x509', '-req', '-in', 'leaf.csr', ...by, '-days', String(days), '-out', 'leaf.pem')
    return { key: await readFile(join(folder, 'leaf.key')), cert: await readFile(join(folder, 'leaf.pem')) }
  }
  return { file: join(folder, 'ca.pem'), issue }
}

const serve = async (t: ExecutionContext, options: ServerOptions) => {
  const arrived: string[] = []
  const server = createServer(options, (request, response) => {
    arrived.push(String(request.headers['webhook-id']))
    response.writeHead(204).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => (server.closeAllConnections(), server.close()))
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, arrived }
}

interface Tried {
  readonly status: string
  readonly attempts: readonly { readonly error?: string; readonly detail?: string }[]
}

/** The outcome of a test delivery to this endpoint. */
const tryIt = async (doorbell: Doorbell, url: string) => {
  const { id } = await subscribe(doorbell, url)
  const { body } = await doorbell.call<Tried>('POST', `/v1/tenants/acme/subscriptions/${id}/test`)
  return { settled: body.status, ...body.attempts[0] }
}

whenThereIsOpenssl(
  'DOORBELL_EGRESS_CA: an endpoint with a certificate of a private authority receives events, and is refused without the setting',
  async t => {
    const authority = await createAuthority(t)
    const { url, arrived } = await serve(t, await authority.issue())
    const { egressCa } = loadSettings({ DOORBELL_EGRESS_CA: authority.file })
    const trusting = await startDoorbell(t, { egressCa, egressHttp: false })
    const { id } = await subscribe(trusting, url)
    await trusting.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'trusted' }))
    await rowWhen(trusting, `trusted.${id}`)
    t.deepEqual(arrived, ['trusted'])

    const wary = await startDoorbell(t, { egressHttp: false })
    const tried = await tryIt(wary, url)
    t.like(tried, { settled: 'dead', error: 'certificate_untrusted' })
    t.regex(tried.detail ?? '', /complete chain.*DOORBELL_EGRESS_CA/)
    t.is(arrived.length, 1, 'nothing was sent')
  },
)

whenThereIsOpenssl('what is wrong with a certificate is said in words, and nothing is sent', async t => {
  const authority = await createAuthority(t)
  const { egressCa } = loadSettings({ DOORBELL_EGRESS_CA: authority.file })
  const doorbell = await startDoorbell(t, { egressCa, egressHttp: false })
  const good = await authority.issue()
  const other = await createAuthority(t)
  const cases: [ServerOptions, string, RegExp][] = [
    [await authority.issue({ days: -1 }), 'certificate_expired', /has expired.*Renew/],
    [await authority.issue({ altName: 'DNS:other.example' }), 'certificate_name', /another name/],
    [await other.issue(), 'certificate_untrusted', /not signed by an authority that Doorbell trusts/],
    [
      { ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
      'tls',
      /TLS 1\.2 or later/,
    ],
  ]
  for (const [options, error, words] of cases) {
    const { url, arrived } = await serve(t, options)
    const tried = await tryIt(doorbell, url)
    t.like(tried, { settled: 'dead', error })
    t.regex(tried.detail ?? '', words)
    t.deepEqual(arrived, [])
  }
  const { url } = await serve(t, { ...good, maxVersion: 'TLSv1.2' })
  t.like(await tryIt(doorbell, url), { settled: 'delivered' })
})

test('a file that holds no certificate is refused at the start, by name', t => {
  const thrown = t.throws(() => loadSettings({ DOORBELL_EGRESS_CA: 'package.json' }))
  t.regex(thrown?.message ?? '', /DOORBELL_EGRESS_CA/)
})
