/** `npm run keys -- list | rotate [--force]`: the signing keys of a running service, by its API. */
import { parseArgs } from 'node:util'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { force: { type: 'boolean' } } })
const url = process.env['DOORBELL_URL'] ?? 'http://127.0.0.1:3000'
const token = process.env['DOORBELL_ADMIN_TOKEN']
const fail = (text: string): never => {
  process.stderr.write(`${text}\n`)
  return process.exit(1)
}

const call = async (method: string, path: string, body?: object): Promise<{ items: Key[] }> => {
  const headers = { authorization: `Bearer ${token ?? ''}`, 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(() =>
    fail(`Nothing answers at ${url}. Start Doorbell, or say where it is with DOORBELL_URL.`),
  )
  const read = (await answer.json()) as { items: Key[]; detail?: string }
  return answer.ok ? read : fail(`${answer.status}: ${read.detail ?? ''}`)
}
interface Key {
  readonly kid: string
  readonly alg: string
  readonly use: string
  readonly createdAt: string
  readonly usableAt: string
  readonly currentSince: string | null
}

const show = ({ items }: { items: Key[] }): void =>
  console.table(
    items.map(({ kid, alg, use, createdAt, usableAt, currentSince }) => ({
      use,
      alg,
      kid,
      createdAt,
      usableAt,
      currentSince,
    })),
  )

if (token === undefined) fail('Set DOORBELL_ADMIN_TOKEN to the operator’s token, as npm start printed it.')
const [command = 'list'] = positionals
if (command === 'list') show(await call('GET', '/v1/keys'))
else if (command === 'rotate') show(await call('POST', '/v1/keys/rotate', { force: values.force === true }))
else fail(`There is no command "${command}". There are: list, rotate [--force].`)
