import { setTimeout as wait } from 'node:timers/promises'
import { Pool } from 'undici'
import { eventTypes } from '../config/event-types/index.ts'
import { histogram } from './figures.ts'
import type { BenchSystem } from './system.ts'

const connections = 32
/** A publisher's timeout. A service that is killed during a request never answers it. */
const answerWithinMs = 5_000
const data = eventTypes.find(({ type }) => type === 'visit.checked_in')?.sample

export interface PostOptions {
  readonly prefix: string
  readonly count: number
  readonly tenants?: readonly string[]
  /** Posts at this rate without waiting for answers. Without it, each connection posts one event after the other. */
  readonly perSecond?: number
  /** Further data of the n-th event. */
  readonly dataOf?: (n: number) => object
  /** Posts an event again until it is answered 202, as a publisher does while the service does not answer. */
  readonly untilAccepted?: boolean
}

/** Posts check-ins over 32 connections. Times of calls in µs, moments of posting in ms. */
export const post = async ({ url, token }: BenchSystem, options: PostOptions) => {
  const { prefix, count, tenants = ['bench'], perSecond, dataOf = () => ({}), untilAccepted = false } = options
  const pool = new Pool(url, { connections, pipelining: 1 })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const callUs = histogram()
  const postedAt = new Map<string, number>()
  let next = 0
  const one = async () => {
    const id = `${prefix}-${next}`
    const visitId = `visit-${next}`
    const body = JSON.stringify({ id, type: 'visit.checked_in', visitId, data: { ...data, ...dataOf(next) } })
    const path = `/v1/tenants/${tenants[next % tenants.length]}/events`
    next += 1
    const at = performance.now()
    postedAt.set(id, performance.timeOrigin + at)
    const attempt = async () => {
      const answer = await pool.request({ path, method: 'POST', headers, body, headersTimeout: answerWithinMs })
      await answer.body.dump()
      if (answer.statusCode !== 202) throw new Error(`an event was answered ${answer.statusCode}`)
    }
    await (untilAccepted ? insistently(attempt) : attempt())
    callUs.record(Math.max(1, Math.round((performance.now() - at) * 1_000)))
  }
  if (perSecond === undefined) {
    const work = async () => {
      while (next < count) await one()
    }
    await Promise.all(Array.from({ length: connections }, work))
  } else await openLoop(one, count, perSecond)
  await pool.close()
  return { callUs, postedAt }
}

const insistently = async (attempt: () => Promise<void>): Promise<void> => {
  const accepted = () =>
    attempt().then(
      () => true,
      () => false,
    )
  while (!(await accepted())) await wait(100)
}

const openLoop = async (one: () => Promise<void>, count: number, perSecond: number): Promise<void> => {
  const calls: Promise<void>[] = []
  const startedAt = performance.now()
  while (calls.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000))
    while (calls.length < due) calls.push(one())
    await wait(5)
  }
  await Promise.all(calls)
}

/** Calls the API. Throws if the call fails. */
export const call = async <T>({ url, token }: BenchSystem, method: string, path: string, body?: object): Promise<T> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as T
}

/** Creates a subscription, and its tenant if there is none. */
export const subscribe = async (system: BenchSystem, url: string, tenant = 'bench', more: object = {}) => {
  await call(system, 'PUT', `/v1/tenants/${tenant}`, { name: tenant })
  const path = `/v1/tenants/${tenant}/subscriptions`
  return call<{ id: string }>(system, 'POST', path, { url, eventTypes: ['visit.checked_in'], ...more })
}
