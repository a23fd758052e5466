import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { checkIn, rowWhen, subscribe } from '../support/doorbell.ts'
import { type JaegerSpan, type JaegerTrace, startTestJaeger, tagOf, whenThereIsAJaeger } from './jaeger.ts'
import { startPlatform } from '../support/platform.ts'
import { startReceiver } from '../support/receiver.ts'

const attempts = (spans: readonly JaegerSpan[]) =>
  spans.filter(({ operationName }) => operationName === 'attempt delivery')

const durationMsOf = ({ spans }: JaegerTrace): number => {
  const ends = spans.map(({ startTime, duration }) => startTime + duration)
  return (Math.max(...ends) - Math.min(...spans.map(({ startTime }) => startTime))) / 1_000
}

const observability = join(import.meta.dirname, '../../observability')

/** Jaeger holds the collector's processor, so that the collector's own file decides here. */
const configurations = ['jaeger/config.yaml', 'collector/tail-sampling.yaml', 'jaeger/tail-sampling.yaml'].map(file =>
  join(observability, file),
)

whenThereIsAJaeger(
  'tail sampling keeps every check-in that failed, was retried, was held or took more than a second, and of the others its share',
  async t => {
    const jaeger = await startTestJaeger(t, configurations, {
      TAIL_SAMPLING_DECISION_WAIT: '6s',
      TAIL_SAMPLING_PERCENTAGE: '0',
    })
    const well = await startReceiver(t)
    const slow = await startReceiver(t, () => wait(1_200, 200))
    const retried = await startReceiver(t, ({ index }) => (index === 0 ? 503 : 200))
    const dead = await startReceiver(t, () => 500)
    // Answers the second attempt only after the decision on the first was made.
    let decided = () => {}
    const decision = new Promise<number>(resolve => (decided = () => resolve(200)))
    const late = await startReceiver(t, ({ index }) => (index === 0 ? 503 : decision))
    const platform = await startPlatform(t, {
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
      // The decision comes after six seconds here, in place of forty: a busy machine exports all spans of a trace by then.
      OTEL_BSP_SCHEDULE_DELAY: '100',
    })
    const { api } = platform

    /** A check-in of a tenant of its own, with its trace. */
    const post = async (tenant: string, url: string, change: object = {}) => {
      const { id } = await subscribe(api, url, { retry: { delaysMs: [100] }, ...change }, tenant)
      const event = checkIn({ id: 'evt-1' })
      const { body } = await api.call<{ traceId: string }>('POST', `/v1/tenants/${tenant}/events`, event)
      return { tenant, traceId: body.traceId, row: `evt-1.${id}` }
    }
    const kept = [await post('slow', slow.url), await post('retried', retried.url), await post('dead', dead.url)]
    const paused = await subscribe(api, well.url, {}, 'held')
    await api.call('POST', `/v1/tenants/held/subscriptions/${paused.id}/pause`)
    /** The first check-in that finds the pause in force at the worker. */
    const postHeld = async (number = 1): Promise<string> => {
      const event = checkIn({ id: `evt-${number}` })
      const { body } = await api.call<{ traceId: string }>('POST', '/v1/tenants/held/events', event)
      const row = await rowWhen(api, `evt-${number}.${paused.id}`, () => true, 'held')
      return row.reason === 'paused' ? body.traceId : postHeld(number + 1)
    }
    const heldTraceId = await postHeld()
    const healthy = []
    for (let number = 0; number < 10; number += 1) {
      const { tenant, row, traceId } = await post(`well-${number}`, well.url)
      await rowWhen(api, row, undefined, tenant)
      healthy.push(traceId)
    }
    for (const { tenant, row } of kept)
      await rowWhen(api, row, ({ status }) => status === 'delivered' || status === 'dead', tenant)

    // The last check-in: once it is decided on, all others are.
    const lateOne = await post('late', late.url, { timeoutMs: 30_000 })
    const early = await jaeger.traceWhen(lateOne.traceId, ({ spans }) => spans.length > 0)
    t.is(attempts(early.spans).length, 1, 'the decision came before the retry')
    decided()
    const whole = await jaeger.traceWhen(lateOne.traceId, ({ spans }) => attempts(spans).length === 2)
    t.deepEqual(
      attempts(whole.spans)
        .map(span => tagOf(span, 'webhook.attempt'))
        .toSorted(),
      [1, 2],
    )

    const [slowOne, retriedOne, deadOne] = kept
    await jaeger.traceWhen(slowOne?.traceId ?? '', ({ spans }) => spans.length === 6)
    await jaeger.traceWhen(retriedOne?.traceId ?? '', ({ spans }) => attempts(spans).length === 2)
    await jaeger.traceWhen(deadOne?.traceId ?? '', ({ spans }) => attempts(spans).length === 2)
    t.is(attempts((await jaeger.traceWhen(heldTraceId, ({ spans }) => spans.length === 4)).spans).length, 0)

    const found = (await Promise.all(healthy.map(jaeger.get))).filter(trace => trace !== null)
    // On a machine that is busy with other things one of them may really have taken a second.
    for (const trace of found) t.true(durationMsOf(trace) > 1_000)
    t.true(found.length < healthy.length, 'none was left out')
    await platform.end()
  },
)
