import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { startEmbedded } from '../../src/embedded/embedded.ts'
import type { ServiceSettings } from '../../src/service/settings.ts'
import { startDoorbell } from '../support/doorbell.ts'

/** A nats-server of one's own, which flushes like this. */
const startNats = async (t: ExecutionContext, sync: 'always' | 'interval') => {
  const dataDir = await mkdtemp(join(tmpdir(), 'doorbell-flush-'))
  const options = { dataDir, sync, nats: true, mongodb: false, progress: () => undefined, onExit: () => undefined }
  const { natsUrl, natsMonitorUrl, stop } = await startEmbedded(options)
  t.teardown(async () => {
    await stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  return { natsUrl: natsUrl ?? '', natsMonitorUrls: [natsMonitorUrl ?? ''] }
}

const readiness = async (t: ExecutionContext, settings: Partial<ServiceSettings>) => {
  const doorbell = await startDoorbell(t, settings)
  const { status, body } = await doorbell.call<{ status: string; acceptedEvents: string; checks: object }>(
    'GET',
    '/readyz',
  )
  const [line] = doorbell.lines
    .map(each => JSON.parse(each) as { level: number; acceptedEvents?: string })
    .filter(({ acceptedEvents }) => acceptedEvents !== undefined)
  await doorbell.service.stop()
  t.is(status, 200)
  return { ...body, line }
}

test('where accepted events are is said at the start and by /readyz, and nothing is called on disk that is not known to be', async t => {
  const flushing = await readiness(t, await startNats(t, 'always'))
  t.like(flushing, { status: 'ok', acceptedEvents: 'on disk: nats-server flushes each event before it is answered' })
  t.like(flushing.line, { level: 30, acceptedEvents: flushing.acceptedEvents })

  const server = await startNats(t, 'interval')
  const delayed = await readiness(t, server)
  t.is(delayed.status, 'degraded')
  t.regex(delayed.acceptedEvents, /^in memory for up to 120 s/)
  t.like(delayed.line, { level: 40, acceptedEvents: delayed.acceptedEvents })
  t.regex(JSON.stringify(delayed.checks), /sync_interval of nats-server.*is 120 s, not always.*sync_interval: always/)

  const accepted = await readiness(t, { ...server, sync: 'interval' })
  t.like(accepted, { status: 'ok', acceptedEvents: delayed.acceptedEvents })

  const unknown = await readiness(t, { ...server, natsMonitorUrls: [] })
  t.is(unknown.status, 'ok')
  t.regex(unknown.acceptedEvents, /^not known/)
  t.like(unknown.line, { level: 40 })
})
