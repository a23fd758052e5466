import { parseArgs } from 'node:util'
import type { PayloadForm } from '../domain/event.ts'

export interface ListenOptions {
  readonly url: string
  readonly token: string
  readonly tenant: string
  readonly eventTypes: readonly string[]
  readonly to: string
  /** Where to begin, RFC 3339; null: now. */
  readonly since: string | null
  readonly cursor: string | null
  readonly keysPort: number
  readonly secret: string | null
  readonly payload: PayloadForm
}

/** A fault that the user can mend: its message is all there is to say. */
export class UserError extends Error {}

export const listenUsage = `Usage: doorbell listen --token <token> --tenant <tenant> [options]

Forwards a tenant's events to a port of this machine, signed as Doorbell signs them, with keys that are made here. Nothing of this
machine needs to be reachable. The token needs the scope deliveries:read.

  --token <token>         or DOORBELL_TOKEN
  --tenant <tenant>       or DOORBELL_TENANT
  --url <url>             where Doorbell is, or DOORBELL_URL            (http://127.0.0.1:3000)
  --to <url>              your receiver; a port is enough               (http://127.0.0.1:8080/hook)
  --event-types <types>   e.g. visit.checked_in,visit.*                 (*)
  --since <time>          begin with earlier events: 2026-03-02T09:00:00Z, or 30s, 15m, 2h, 1d ago
  --cursor <cursor>       begin where an earlier run ended
  --keys-port <port>      where the key set is served                   (4400)
  --secret <whsec_…>      default: one that stays the same for a token
  --payload full|thin     thin: without data                            (full)
`

/** What the command line and the environment say. Throws UserError. */
export const readListenOptions = (
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  now: number,
): ListenOptions | 'help' => {
  const values = parsed(args)
  if (values.help === true) return 'help'
  const token = values.token ?? environment['DOORBELL_TOKEN']
  const tenant = values.tenant ?? environment['DOORBELL_TENANT']
  if (!token) throw new UserError('Say which token to use, with --token or DOORBELL_TOKEN. It needs deliveries:read.')
  if (!tenant) throw new UserError('Say whose events to forward, with --tenant or DOORBELL_TENANT.')
  const { payload = 'full', secret = null, cursor = null } = values
  if (payload !== 'full' && payload !== 'thin') throw new UserError(`--payload is full or thin, not "${payload}".`)
  if (values.since !== undefined && cursor !== null) throw new UserError('Give --since or --cursor, not both.')
  const keysPort = Number(values['keys-port'] ?? 4400)
  if (!Number.isInteger(keysPort) || keysPort < 0 || keysPort > 65_535)
    throw new UserError(`--keys-port is no port: "${values['keys-port']}".`)
  return {
    url: addressOf('--url', values.url ?? environment['DOORBELL_URL'] ?? 'http://127.0.0.1:3000').replace(/\/+$/, ''),
    token,
    tenant,
    eventTypes: (values['event-types'] ?? '*').split(',').map(type => type.trim()),
    to: addressOf('--to', values.to ?? 'http://127.0.0.1:8080/hook'),
    since: values.since === undefined ? null : momentOf(values.since, now),
    cursor,
    keysPort,
    secret,
    payload,
  }
}

const text = { type: 'string' } as const

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        token: text,
        tenant: text,
        url: text,
        to: text,
        'event-types': text,
        since: text,
        cursor: text,
        'keys-port': text,
        secret: text,
        payload: text,
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new UserError(`${(error as Error).message}\nAll options: doorbell listen --help`)
  }
}

/** `8080`, `8080/hook` and `localhost:8080/hook` are meant as they look. */
const addressOf = (option: string, given: string): string => {
  const address = /^\d+(\/|$)/.test(given) ? `127.0.0.1:${given}` : given
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`
  if (!URL.canParse(url)) throw new UserError(`${option} is no address: "${given}".`)
  return new URL(url).href
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const momentOf = (given: string, now: number): string => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(given) ?? []
  const at = count === undefined ? Date.parse(given) : now - Number(count) * (unitsMs[unit] ?? 0)
  if (Number.isNaN(at)) throw new UserError(`--since is no time: "${given}". Write 2026-03-02T09:00:00Z, or 15m.`)
  return new Date(at).toISOString()
}
