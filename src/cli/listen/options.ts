import { parseArgs } from 'node:util'
import type { PayloadForm } from '../../domain/event.ts'
import { UserError } from '../command.ts'

export interface ListenOptions {
  readonly url: string
  readonly token: string
  readonly tenant: string
  readonly eventTypes: readonly string[]
  readonly to: string
  /** Where to begin (RFC 3339); null: now. */
  readonly since: string | null
  readonly cursor: string | null
  readonly keysPort: number
  readonly secret: string | null
  readonly payload: PayloadForm
}

export const listenUsage = `Usage: doorbell listen --token <token> --tenant <tenant> [options]

Forwards a tenant's events to a port of this machine and signs them as Doorbell does, with keys of its own. This machine
need not be reachable from outside. The token needs the scope deliveries:read.

  --token <token>         or DOORBELL_TOKEN
  --tenant <tenant>       or DOORBELL_TENANT
  --url <url>             URL of Doorbell, or DOORBELL_URL              (http://127.0.0.1:3000)
  --to <url>              your receiver; a port is enough               (http://127.0.0.1:8080/hook)
  --event-types <types>   e.g. visit.checked_in,visit.*                 (*)
  --since <time>          starts with earlier events: 2026-03-02T09:00:00Z, or 30s, 15m, 2h, 1d ago
  --cursor <cursor>       starts where an earlier run ended
  --keys-port <port>      port that serves the key set                  (4400)
  --secret <whsec_…>      secret of the HMAC signature                  (derived from the token)
  --payload full|thin     thin: without data                            (full)
`

/** The options that the command line and the environment give. Throws UserError. */
export const readListenOptions = (
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  now: number,
): ListenOptions => {
  const values = parsed(args)
  const token = values.token ?? environment['DOORBELL_TOKEN']
  const tenant = values.tenant ?? environment['DOORBELL_TENANT']
  if (!token) throw new UserError('Give a token with --token or DOORBELL_TOKEN. It needs the scope deliveries:read.')
  if (!tenant) throw new UserError('Name the tenant with --tenant or DOORBELL_TENANT.')
  const { payload = 'full', secret = null, cursor = null } = values
  if (payload !== 'full' && payload !== 'thin') throw new UserError(`--payload must be full or thin, not "${payload}".`)
  if (values.since !== undefined && cursor !== null) throw new UserError('Give --since or --cursor, not both.')
  const keysPort = Number(values['keys-port'] ?? 4400)
  if (!Number.isInteger(keysPort) || keysPort < 0 || keysPort > 65_535)
    throw new UserError(`--keys-port must be a port, not "${values['keys-port']}".`)
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
      },
    }).values
  } catch (error) {
    throw new UserError(`${(error as Error).message}\nAll options: doorbell listen --help`)
  }
}

/** Completes `8080`, `8080/hook` and `localhost:8080/hook`. */
const addressOf = (option: string, given: string): string => {
  const address = /^\d+(\/|$)/.test(given) ? `127.0.0.1:${given}` : given
  const url = /^https?:\/\//.test(address) ? address : `http://${address}`
  if (!URL.canParse(url)) throw new UserError(`${option} must be a URL or a port, not "${given}".`)
  return new URL(url).href
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const momentOf = (given: string, now: number): string => {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(given) ?? []
  const at = count === undefined ? Date.parse(given) : now - Number(count) * (unitsMs[unit] ?? 0)
  if (Number.isNaN(at))
    throw new UserError(`--since must be a time such as 2026-03-02T09:00:00Z or 15m, not "${given}".`)
  return new Date(at).toISOString()
}
