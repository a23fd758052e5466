import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { ServerOptions } from 'node:https'
import type { ExecutionContext } from 'ava'
import { freePort } from '../../../src/embedded/ports.ts'
import { type Case, signals } from './cases.ts'
import { plain } from './plain.ts'
import type { Seen } from './probe.ts'
import { type Arrival, type OtlpReceiver, startOtlpReceiver } from './receiver.ts'

export type Kind = 'bare' | 'doorbell'

/** What a process with some settings has shown, without what differs from one run to the next. */
export interface Observed extends Partial<Seen> {
  readonly arrived: readonly object[]
  /** What `OTEL_EXPORTER_PROMETHEUS_PORT` serves. */
  readonly scraped: readonly string[]
  readonly printsSpans: boolean
  readonly printsDiagnostics: boolean
  /** Warnings and errors of the SDK. */
  readonly problems: readonly string[]
}

export interface Certificates {
  readonly folder: string
  readonly server: ServerOptions
}

/** Runs probe.ts with the settings of a case, up to its end, or until the case has shown what it is about. */
export const runProbe = async (
  t: Pick<ExecutionContext, 'teardown'>,
  kind: Kind,
  { settings, problem, unasked, tls }: Case,
  certificates: Certificates,
): Promise<Observed> => {
  const receiver = await startOtlpReceiver(t, {
    silent: problem !== undefined,
    ...(tls === true && { tls: certificates.server }),
  })
  const place = { ...receiver, port: await freePort(0), folder: certificates.folder }
  const child = fork(join(import.meta.dirname, 'probe.ts'), [kind], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: certificates.folder,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_LOGS_EXPORTER: 'otlp',
      ...settings(place),
    },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', data => (output += String(data)))
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', code => reject(new Error(`probe.ts ended with ${code}: ${output}`))),
  )
  ended.catch(() => undefined)
  const heard = <T>(wanted: (message: Record<string, unknown>) => T | undefined): Promise<T> => {
    const found = new Promise<T>(resolve =>
      child.on('message', message => {
        const value = wanted(message as Record<string, unknown>)
        if (value !== undefined) resolve(value)
      }),
    )
    return Promise.race([found, ended])
  }
  const problems: string[] = []
  child.on('message', ({ problem: text }: { readonly problem?: string }) => text !== undefined && problems.push(text))
  const complained = heard(({ problem: text }) => String(text).includes(problem ?? '\0') || undefined)
  complained.catch(() => undefined)
  const seen = heard(message => message['seen'] as Seen | undefined)
  seen.catch(() => undefined)

  await heard(({ made }) => made)
  const scraped = settings(place)['OTEL_METRICS_EXPORTER'] === 'prometheus' ? await scrape(place.port) : []
  if (unasked !== undefined) await Promise.race([receiver.arrived(unasked), ended])
  child.send('shutdown')
  if (problem !== undefined) {
    await complained
    child.kill('SIGKILL')
  }
  return {
    ...(problem === undefined ? here(await seen, receiver) : {}),
    arrived:
      problem !== undefined
        ? []
        : signals.flatMap(signal => summary(receiver.arrivals.filter(each => each.signal === signal))),
    scraped,
    printsSpans: output.includes(`name: 'first'`),
    printsDiagnostics: output.includes('items to be sent'),
    problems,
  }
}

const here = ({ asked, ...seen }: Seen, { url }: OtlpReceiver): Seen => ({
  ...seen,
  asked: asked.map(origin => (origin === url ? 'the receiver' : origin)).toSorted(),
})

/** The requests of one signal. */
const summary = (arrivals: readonly Arrival[]): object[] => {
  const [first] = arrivals
  if (first === undefined) return []
  const { signal, protocol, path, headers } = first
  const contents = arrivals.flatMap(({ request }) => plain(request))
  return [
    {
      signal,
      protocol,
      path,
      probe: headers['x-probe'],
      encoding: headers['content-encoding'] ?? headers['grpc-encoding'],
      // Doorbell measures its own exports too, so that metrics may take a request more.
      requests: signal === 'metrics' ? undefined : arrivals.length,
      contents,
    },
  ]
}

/** Asks until the exporter listens: it emits no event when it does. */
const scrape = async (port: number): Promise<string[]> => {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => null)
    if (answer !== null) return (await answer.text()).split('\n').filter(line => /^(counter|histogram)/.test(line))
  }
}
