import { parseArgs } from 'node:util'
import type { Static } from 'typebox'
import type { keyAnswer } from '../api/keys/wire.ts'
import { UserError, type Verb } from './command.ts'

type Key = Static<typeof keyAnswer>

const usage = `Usage: doorbell keys [list]
       doorbell keys rotate [--force]

Lists or rotates the signing keys of a running service, through its API.

  list      the keys, with their use (the default)
  rotate    the next key signs from now on, and another one becomes the next
  --force   rotates even if receivers may not have fetched the next key yet

  DOORBELL_URL           URL of the service   (http://127.0.0.1:3000)
  DOORBELL_ADMIN_TOKEN   the operator's token, which the service prints at its start if it generated it
`

export const keysVerb: Verb = {
  name: 'keys',
  summary: 'lists or rotates the signing keys of a running service',
  usage,
  run: async args => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { force: { type: 'boolean', default: false } },
    })
    const [action = 'list', ...others] = positionals
    if (others.length > 0 || (action !== 'list' && action !== 'rotate')) throw new UserError(usage)
    const keys =
      action === 'list' ? await call('GET', '/v1/keys') : await call('POST', '/v1/keys/rotate', { force: values.force })
    console.table(keys, ['use', 'alg', 'kid', 'createdAt', 'usableAt', 'currentSince'])
    return 0
  },
}

const call = async (method: string, path: string, body?: object): Promise<readonly Key[]> => {
  const url = process.env['DOORBELL_URL'] ?? 'http://127.0.0.1:3000'
  const token = process.env['DOORBELL_ADMIN_TOKEN']
  if (token === undefined) throw new UserError('Set DOORBELL_ADMIN_TOKEN to the operator’s token.')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(() => {
    throw new UserError(`No service answers at ${url}. Start Doorbell, or set DOORBELL_URL.`)
  })
  const read = (await answer.json()) as { items: readonly Key[]; detail?: string }
  if (!answer.ok) throw new UserError(`${answer.status}: ${read.detail ?? ''}`)
  return read.items
}
