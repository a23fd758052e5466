import { join } from 'node:path'
import { checkIn, rowWhen, subscribe } from './doorbell.ts'
import { startTestJaeger, tagOf, whenThereIsAJaeger } from './jaeger.ts'
import { startPlatform } from './platform.ts'
import { startReceiver } from './receiver.ts'

const observability = join(import.meta.dirname, '../observability')

/** Jaeger holds the collector's processor, so that the collector's own file decides here. */
const configurations = ['jaeger/config.yaml', 'collector/tail-sampling.yaml', 'jaeger/tail-sampling.yaml'].map(file =>
  join(observability, file),
)

whenThereIsAJaeger(
  'tail sampling keeps every check-in that failed, was retried, was held or took more than a second, and of the others its share',
  async t => {
    const jaeger = await startTestJaeger(t, configurations, {
      TAIL_SAMPLING_DECISION_WAIT: '4s',
      TAIL_SAMPLING_PERCENTAGE: '0',
    })
    const well = await startReceiver(t)
    const slow = await startReceiver(t, () => new Promise(resolve => setTimeout(resolve, 1_200, 200)))
    const retried = await startReceiver(t, ({ index }) => (index === 0 ? 503 : 200))
    const dead = await startReceiver(t, () => 500)
    // Answers the second attempt only after the decision on the first was made.
    let decided = () => {}
    const decision = new Promise<number>(resolve => (decided = () => resolve(200)))
    const late = await startReceiver(t, ({ index }) => (index === 0 ? 503 : decision))
    const platform = await startPlatform(t, {
      OTEL_BSP_SCHEDULE_DELAY: '50',
      OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl,
    })
    const { api } = platform

    /** A check-in of a tenant of its own, with its trace. */
    const post = async (tenant: string, url: string, change: object = {}) => {
      const { id } = await subscribe(api, url, { retry: { delaysMs: [100] }, ...change }, tenant)
      const event = checkIn({ id: 'evt-1' })
      const { body } = await api.call<{ traceId: string }>('POST', `/v1/tenants/${tenant}/events`, event)
      return { tenant, traceId: body.traceId, row: `evt-1.${id}` }
    }
    const failing = { retry: { delaysMs: [100] } }
    const kept = [
      await post('slow', slow.url),
      await post('retried', retried.url),
      await post('dead', dead.url),
      await post('late', late.url, { timeoutMs: 30_000 }),
    ]
    const healthy = []
    for (let number = 0; number < 10; number += 1) healthy.push(await post(`well-${number}`, well.url))
    for (const { tenant, row } of healthy) await rowWhen(api, row, undefined, tenant)
    for (const { tenant, row } of kept.slice(0, 3))
      await rowWhen(api, row, ({ status }) => status === 'delivered' || status === 'dead', tenant)

    const [slowOne, retriedOne, deadOne, lateOne] = kept
    await jaeger.traceWhen(slowOne?.traceId ?? '', ({ spans }) => spans.length === 6)
    const attempts = (spans: readonly { operationName: string }[]) =>
      spans.filter(({ operationName }) => operationName === 'attempt delivery')
    await jaeger.traceWhen(retriedOne?.traceId ?? '', ({ spans }) => attempts(spans).length === 2)
    await jaeger.traceWhen(deadOne?.traceId ?? '', ({ spans }) => attempts(spans).length === 2)
    const early = await jaeger.traceWhen(lateOne?.traceId ?? '', ({ spans }) => spans.length > 0)
    t.is(attempts(early.spans).length, 1, 'the decision came before the retry')
    decided()
    const whole = await jaeger.traceWhen(lateOne?.traceId ?? '', ({ spans }) => attempts(spans).length === 2)
    t.deepEqual(
      attempts(whole.spans)
        .map(span => tagOf(span as never, 'webhook.attempt'))
        .toSorted(),
      [1, 2],
    )

    // A check-in after those: once it is decided on, they are.
    const last = await post('last', dead.url, failing)
    await jaeger.traceWhen(last.traceId, ({ spans }) => spans.length > 0)
    for (const { traceId } of healthy) t.false(await jaeger.has(traceId))
    await platform.end()
  },
)
