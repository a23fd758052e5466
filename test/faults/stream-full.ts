import assert from 'node:assert/strict'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from 'nats'
import { type Scenario, underWay, verified } from './scenario.ts'
import { setStage } from './stage.ts'

/** The stream's limit on disk. */
export const streamFull: Scenario = {
  name: 'stream-full',
  fault: 'the stream reaches its limit of bytes; the limit is raised later',
  expectation:
    'the API answers 503 stream_full with Retry-After and accepts nothing; what was accepted is delivered, and after the raise it accepts again',
  full: 3_000,
  short: 300,
  run: async count => {
    const stage = await setStage()
    const connection = await connect({ servers: stage.nats.url })
    try {
      const manager = await jetstreamManager(connection)
      const service = await stage.start()
      await stage.subscribe()
      const limit = (max_bytes: number) => manager.streams.update('VISITS', { max_bytes })
      await limit(Math.floor(count / 3) * 700)
      const posting = stage.post(count)
      let answer = { status: 202, body: {} as Record<string, unknown>, headers: new Headers() }
      for (let n = 0; answer.status === 202; n += 1)
        answer = await service.call('POST', '/v1/tenants/acme/events', {
          id: `probe-${n}`,
          type: 'visit.created',
          visitId: 'probe',
          data: probeData,
        })
      assert.equal(answer.status, 503)
      assert.equal(answer.body['code'], 'stream_full')
      assert.ok(Number(answer.headers.get('retry-after')) > 0)
      await limit(-1)
      const healedAt = Date.now()
      const { refused } = await posting
      await stage.settled(count)
      const figures = await verified(stage, { accepted: count, mostDoubled: underWay(64), healedAt })
      assert.ok(refused > 0)
      return { ...figures, refused }
    } finally {
      await connection.close()
      await stage.stop()
    }
  },
}

/** Data of a type without a subscription, so that it leaves no row. */
const probeData = {
  visitor: { id: 'v', firstName: 'A', lastName: 'B' },
  host: { id: 'h', name: 'C' },
  site: 's',
}
