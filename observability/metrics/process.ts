import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { gauge, readCounter } from './instruments.ts'

/** How often the event loop is asked how late it is: 50 timers a second cost nothing that can be measured. */
const resolutionMs = 20
/** Two who collect (a scrape and the collector) see the same look. */
const lookEveryMs = 5_000
const nanosecondsInSecond = 1e9

/** Gauges of the process itself; ends with it. */
export const observeProcess = (): void => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  let loop = performance.eventLoopUtilization()
  let seen = { at: -Infinity, p50: 0, p99: 0, max: 0, utilization: 0 }
  const look = () => {
    if (performance.now() - seen.at < lookEveryMs) return seen
    const late = (ns: number) => Math.max(0, ns / nanosecondsInSecond - resolutionMs / 1_000)
    const now = performance.eventLoopUtilization()
    seen = {
      at: performance.now(),
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
      utilization: performance.eventLoopUtilization(now, loop).utilization,
    }
    loop = now
    delays.reset()
    return seen
  }
  gauge(shapes.eventLoopDelay).addCallback(result => {
    for (const quantile of ['p50', 'p99', 'max'] as const) result.observe(look()[quantile], { [a.quantile]: quantile })
  })
  gauge(shapes.eventLoopUtilization).addCallback(result => result.observe(look().utilization))
  gauge(shapes.memory).addCallback(result => {
    const { rss, heapUsed } = process.memoryUsage()
    result.observe(rss, { [a.memoryKind]: 'rss' })
    result.observe(heapUsed, { [a.memoryKind]: 'heap_used' })
    result.observe(getHeapStatistics().heap_size_limit, { [a.memoryKind]: 'heap_limit' })
  })
  readCounter(shapes.cpu).addCallback(result => {
    const { user, system } = process.cpuUsage()
    result.observe(user / 1e6, { [a.cpuMode]: 'user' })
    result.observe(system / 1e6, { [a.cpuMode]: 'system' })
  })
  gauge(shapes.uptime).addCallback(result => result.observe(process.uptime()))
}
