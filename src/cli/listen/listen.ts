import { styleText } from 'node:util'
import { type VisitEvent, wireBody } from '../../domain/event.ts'
import { isSuccess } from '../../domain/outcome.ts'
import { matchesType } from '../../domain/subscription.ts'
import type { Verb } from '../command.ts'
import { checkEventTypes } from './event-types.ts'
import { readFeed } from './feed.ts'
import { type Forwarded, forward } from './forward.ts'
import { type ListenOptions, listenUsage, readListenOptions } from './options.ts'
import { type LocalSigner, startLocalSigner } from './signer.ts'

/** Forwards a tenant's events to a port of this machine until it is interrupted. */
export const listenVerb: Verb = {
  name: 'listen',
  summary: 'forwards a tenant’s events to a port of this machine',
  usage: listenUsage,
  run: async args => {
    await listen(readListenOptions(args, process.env, Date.now()))
    return 0
  },
}

const listen = async (options: ListenOptions): Promise<void> => {
  const ending = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => ending.abort())
  const { signal } = ending
  const pages = await readFeed({ options, signal, say })
  await checkEventTypes(options)
  const signer = await startLocalSigner(options.keysPort, options.token, options.secret)
  greet(options, signer)
  let reached = options.cursor
  try {
    for await (const { events, cursor } of pages) {
      for (const event of events.filter(({ type }) => options.eventTypes.some(wanted => matchesType(wanted, type)))) {
        const body = wireBody(event, options.payload, 0)
        const done = await forward({ to: options.to, signal, say }, () => signer.headersOf(event.id, body), body)
        if (done !== null) say(lineOf(event, done))
      }
      if (!signal.aborted) reached = cursor
    }
  } finally {
    signer.stop()
  }
  if (reached !== null) say(`To continue from here: --cursor ${reached}`)
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

const greet = ({ tenant, url, eventTypes, to }: ListenOptions, { issuer, subscriptionId, secret }: LocalSigner) =>
  say(`Forwarding ${eventTypes.join(', ')} of ${tenant} from ${url} to ${to}
Give these settings to your receiver while it works with this command:

  DOORBELL_ISSUER=${issuer}
  DOORBELL_SUBSCRIPTION=${subscriptionId}
  DOORBELL_SECRET=${secret}

Waiting for events; Ctrl-C ends.`)

/** Shows no personal data of the event, since terminals are shared. */
const lineOf = ({ type, id, visitId }: VisitEvent, { status, tookMs, text }: Forwarded): string => {
  const accepted = status !== null && isSuccess(status)
  const verdict = styleText(accepted ? 'green' : 'red', status === null ? 'no answer' : String(status))
  return `${new Date().toTimeString().slice(0, 8)}  ${type}  ${id}  ${visitId}  ${verdict}  ${tookMs} ms${accepted ? '' : `  ${text}`}`
}
