import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Histogram } from 'hdr-histogram-js'
import { Pool } from 'undici'
import { eventTypes } from '../config/event-types/index.ts'
import { cpuMs, peakMiB } from './processes.ts'
import { type BenchSystem, startSystem } from './system.ts'

const events = 10_000
const warmUp = 500
const connections = 32

/** 10,000 check-ins over 32 connections to one subscription with a bare local receiver, in both sync modes. */
export const burst = async (): Promise<void> => {
  const results = []
  for (const sync of ['always', 'interval'] as const) results.push({ sync, ...(await measure(sync)) })
  process.stdout.write(`\nburst: ${events} check-ins over ${connections} connections, one subscription\n`)
  console.table(transposed(results))
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'burst.json'),
    `${JSON.stringify({ at: new Date().toISOString(), events, connections, results }, null, 2)}\n`,
  )
}

const measure = async (sync: 'always' | 'interval') => {
  const system = await startSystem({ DOORBELL_SYNC: sync })
  try {
    await prepare(system)
    await post(system, 'warm', warmUp)
    await system.arrived(warmUp)
    const before = await usage(system)
    const startedAt = performance.now()
    const arriving = system.arrived(events)
    const { callMs, postedAt } = await post(system, 'evt', events)
    const acceptedMs = performance.now() - startedAt
    const { arrivals, duplicates } = await arriving
    const deliveredMs = performance.now() - startedAt
    const after = await usage(system)
    const wayMs = histogram()
    for (const [id, at] of arrivals) wayMs.recordValue(Math.max(1, Math.round((at - (postedAt.get(id) ?? at)) * 1_000)))
    const cpu = Object.fromEntries(
      Object.entries(after.cpu).map(([name, ms]) => [
        `${name} CPU ms/event`,
        round((ms - (before.cpu[name] ?? 0)) / events),
      ]),
    )
    const totalCpu = Object.values(cpu).reduce((sum, ms) => sum + ms, 0)
    const memory = Object.fromEntries(
      Object.entries(after.memory).map(([name, mib]) => [`${name} peak MiB`, Math.round(mib)]),
    )
    return {
      'accepted/s': Math.round(events / (acceptedMs / 1_000)),
      'delivered/s': Math.round(events / (deliveredMs / 1_000)),
      ...percentiles('call', callMs),
      ...percentiles('publish to receive', wayMs),
      ...cpu,
      'CPU ms/event': round(totalCpu),
      ...memory,
      duplicates,
    }
  } finally {
    await system.stop()
  }
}

const prepare = async ({ url, token, receiverUrl }: BenchSystem): Promise<void> => {
  const call = async (method: string, path: string, body: object) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  }
  await call('PUT', '/v1/tenants/bench', { name: 'bench' })
  await call('POST', '/v1/tenants/bench/subscriptions', { url: receiverUrl, eventTypes: ['visit.checked_in'] })
}

const data = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample

/** Posts so many events, each connection one after the other. Times in µs. */
const post = async ({ url, token }: BenchSystem, prefix: string, count: number) => {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const callMs = histogram()
  const postedAt = new Map<string, number>()
  let next = 0
  const work = async () => {
    while (next < count) {
      const id = `${prefix}-${next}`
      const body = JSON.stringify({ id, type: 'visit.checked_in', visitId: `visit-${next}`, data })
      next += 1
      const at = performance.now()
      postedAt.set(id, performance.timeOrigin + at)
      const answer = await pool.request({ path: '/v1/tenants/bench/events', method: 'POST', headers, body })
      await answer.body.dump()
      if (answer.statusCode !== 202) throw new Error(`an event was answered ${answer.statusCode}`)
      callMs.recordValue(Math.max(1, Math.round((performance.now() - at) * 1_000)))
    }
  }
  await Promise.all(Array.from({ length: connections }, work))
  await pool.close()
  return { callMs, postedAt }
}

/** One line for each figure, one column for each mode. */
const transposed = (results: readonly ({ readonly sync: string } & Readonly<Record<string, unknown>>)[]) => {
  const figures = Object.keys(results[0] ?? {}).filter(name => name !== 'sync')
  return Object.fromEntries(
    figures.map(name => [name, Object.fromEntries(results.map(result => [result.sync, result[name]]))]),
  )
}

const usage = async ({ pids }: BenchSystem) => {
  const of = async (measureOne: (pid: number) => Promise<number>): Promise<Record<string, number>> =>
    Object.fromEntries(
      await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await measureOne(pid)] as const)),
    )
  return { cpu: await of(cpuMs), memory: await of(peakMiB) }
}

const histogram = (): Histogram =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 })

const percentiles = (name: string, values: Histogram) =>
  Object.fromEntries([50, 95, 99].map(p => [`${name} p${p} ms`, round(values.getValueAtPercentile(p) / 1_000)]))

const round = (value: number): number => Math.round(value * 100) / 100
