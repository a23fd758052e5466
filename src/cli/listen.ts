import { styleText } from 'node:util'
import { type VisitEvent, wireBody } from '../domain/event.ts'
import { matchesType } from '../domain/subscription.ts'
import { readFeed } from './listen-feed.ts'
import { type Forwarded, forward } from './listen-forward.ts'
import { type ListenOptions, listenUsage, readListenOptions, UserError } from './listen-options.ts'
import { type LocalSigner, startLocalSigner } from './listen-signer.ts'
import { checkEventTypes } from './listen-types.ts'

export { listenUsage }

/** `doorbell listen`: forwards a tenant's events to a port of this machine until it is interrupted. Answers with the exit code. */
export const listen = async (args: readonly string[]): Promise<number> => {
  try {
    const options = readListenOptions(args, process.env, Date.now())
    if (options === 'help') process.stdout.write(listenUsage)
    else await run(options)
    return 0
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

const run = async (options: ListenOptions): Promise<void> => {
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
  if (reached !== null) say(`To go on from here: --cursor ${reached}`)
}

const say = (line: string) => void process.stdout.write(`${line}\n`)

const greet = ({ tenant, url, eventTypes, to }: ListenOptions, { issuer, subscriptionId, secret }: LocalSigner) =>
  say(`Forwarding ${eventTypes.join(', ')} of ${tenant} from ${url} to ${to}
Signed here: these are for your receiver, as long as it listens to this command.

  DOORBELL_ISSUER=${issuer}
  DOORBELL_SUBSCRIPTION=${subscriptionId}
  DOORBELL_SECRET=${secret}

Waiting for events; Ctrl-C ends.`)

/** Nothing of the people in the event: terminals are shared. */
const lineOf = ({ type, id, visitId }: VisitEvent, { status, tookMs, text }: Forwarded): string => {
  const accepted = status !== null && status >= 200 && status < 300
  const verdict = coloured(accepted ? 'green' : 'red', status === null ? 'no answer' : String(status))
  return `${new Date().toTimeString().slice(0, 8)}  ${type}  ${id}  ${visitId}  ${verdict}  ${tookMs} ms${accepted ? '' : `  ${text}`}`
}

const coloured = (colour: 'green' | 'red', text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(colour, text) : text
