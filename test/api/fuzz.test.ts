import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { adminToken, checkIn, rowWhen, startDoorbell, subscribe } from '../support/doorbell.ts'
import { pythonPackages } from '../support/python-packages.ts'
import { startReceiver } from '../support/receiver.ts'

const packages = pythonPackages(join(import.meta.dirname, 'fuzz-requirements.txt'))
const whenThereIsPython = packages === null ? test.skip : test
/** More examples for a longer run: `DOORBELL_TEST_FUZZ_EXAMPLES=200 npm test -- test/api/fuzz.test.ts`. */
const examples = process.env['DOORBELL_TEST_FUZZ_EXAMPLES'] ?? '8'

/** What must hold for every answer. A fuzzer cannot know why a request may be refused. */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
]

whenThereIsPython('a fuzzer that knows the description gets no 5xx and no undocumented answer', async t => {
  t.timeout(600_000)
  const receiver = await startReceiver(t)
  const doorbell = await startDoorbell(t)
  const { id } = await subscribe(doorbell, receiver.url)
  await doorbell.call('POST', '/v1/tenants/acme/events', checkIn({ id: 'known' }))
  await rowWhen(doorbell, `known.${id}`)
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-fuzz-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const known = join(folder, 'schemathesis.toml')
  writeFileSync(known, knownIds({ subscription: id, delivery: `known.${id}`, event: 'known' }))
  const run = promisify(execFile)('python3', argumentsOf(known, `${doorbell.service.url}/openapi.json`), {
    cwd: folder,
    env: { ...process.env, PYTHONPATH: packages ?? '' },
    maxBuffer: 64 * 1024 * 1024,
  })
  const { stdout, failed } = await run.then(
    ({ stdout: text }) => ({ stdout: text, failed: false }),
    (error: { stdout?: string }) => ({ stdout: error.stdout ?? 'it did not start', failed: true }),
  )
  t.false(failed, stdout.slice(-8_000))
  const generated = Number(/([\d,]+) generated/.exec(stdout)?.[1]?.replaceAll(',', ''))
  t.true(generated > 500, `the fuzzer sent ${generated} requests`)
  t.log(`${generated} requests`)
})

const argumentsOf = (config: string, description: string): string[] => {
  const token = `Authorization: Bearer ${adminToken}`
  const options = `--no-color run --max-examples ${examples} --checks ${checks.join(',')}`
  // The live stream has no end.
  const command = `-m schemathesis.cli --config-file ${config} ${options} --exclude-path-regex live$`
  return [...command.split(' '), '--header', token, description]
}

/** Ids that exist, so that the fuzzer gets past 404. */
const knownIds = (ids: { subscription: string; delivery: string; event: string }) => `
[parameters]
tenant = "acme"
waitMs = 0

[[operations]]
include-path-regex = "/subscriptions/"
parameters = { id = "${ids.subscription}" }

[[operations]]
include-path-regex = "/deliveries/"
parameters = { id = "${ids.delivery}" }

[[operations]]
include-path-regex = "/events/"
parameters = { id = "${ids.event}" }
`
