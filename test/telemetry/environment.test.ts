import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { variables } from '../../tools/dashboards/environment-table.ts'
import { type Case, cases } from './otlp/cases.ts'
import { type Certificates, type Kind, type Observed, runProbe } from './otlp/run-probe.ts'

const folder = mkdtempSync(join(tmpdir(), 'doorbell-otel-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
/** An authority, and a certificate of it that serves the receiver and its client alike. */
const certificates: Certificates = (() => {
  if (!hasOpenssl) return { folder, server: {} }
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Authority', '-days', '2')
  writeFileSync(join(folder, 'extensions'), 'subjectAltName=IP:127.0.0.1\n')
  openssl('req', ...newKey, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=collector')
  const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'extensions', '-days', '2']
  openssl('x509', '-req', '-in', 'leaf.csr', ...by, '-out', 'leaf.pem')
  const [ca, key, cert] = ['ca.pem', 'leaf.key', 'leaf.pem'].map(name => readFileSync(join(folder, name)))
  return { folder, server: { ca, key, cert, requestCert: true, rejectUnauthorized: true } }
})()

/** Doorbell words problems differently: they are lines of its log. */
const comparable = ({ problems: _problems, ...observed }: Observed) => observed

type Both = Readonly<Record<Kind, Omit<Observed, 'problems'>>>

/** Variables that work together only have one case. */
const ran = new Map<Case, Promise<Both>>()

const runBoth = (t: ExecutionContext, of: Case): Promise<Both> => {
  const run = async () => {
    const [bare, doorbell] = await Promise.all([
      runProbe(t, 'bare', of, certificates),
      runProbe(t, 'doorbell', of, certificates),
    ])
    return { bare: comparable(bare), doorbell: comparable(doorbell) }
  }
  const found = ran.get(of) ?? run()
  ran.set(of, found)
  return found
}

const usual: Case = { settings: () => ({}) }

test.serial('with an endpoint and no other setting the same arrives as from a NodeSDK', async t => {
  const { bare, doorbell } = await runBoth(t, usual)
  t.is(bare.arrived.length, 3)
  t.deepEqual(doorbell, bare)
})

const rows = Object.values(variables).flat()

test('the table has a line for each variable that is tried, and no other', t => {
  t.deepEqual(rows.map(({ name }) => name).toSorted(), Object.keys(cases).toSorted())
})

for (const { name, treatment } of rows)
  (cases[name]?.tls === true && !hasOpenssl ? test.skip : test.serial)(
    `${name} does what docs/telemetry.md says: ${treatment}`,
    async t => {
      const of = cases[name] ?? usual
      const { bare, doorbell } = await runBoth(t, of)
      if (treatment === 'own') t.notDeepEqual(doorbell, bare)
      else t.deepEqual(doorbell, bare)
      // These runs end only once the variable has had its effect.
      const isProven = of.problem !== undefined || of.unasked !== undefined
      const hasEffect = isProven || of.tls === true || !isDeepStrictEqual(bare, (await runBoth(t, usual)).bare)
      if (of.tls === true) t.is(bare.arrived.length, 3)
      t.is(hasEffect, treatment !== 'unread')
    },
  )
