import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { attributes as a, metricShapes as shapes } from '../names.ts'
import { descriptorLimit, openDescriptors } from './descriptors.ts'
import { onCollect } from './observed.ts'

/** How often the delay of the event loop is sampled: 50 timers a second cost nothing that can be measured. */
const resolutionMs = 20
/** A scrape and the collector that come at nearly the same time see the same window. */
const windowMs = 5_000
const nanosecondsInSecond = 1e9

/** Reports the gauges of the process itself at each collection. */
export const observeProcess = (): void => {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs })
  delays.enable()
  let loop = performance.eventLoopUtilization()
  let last = { at: -Infinity, p50: 0, p99: 0, max: 0, utilization: 0 }
  const read = () => {
    if (performance.now() - last.at < windowMs) return last
    const late = (ns: number) => Math.max(0, ns / nanosecondsInSecond - resolutionMs / 1_000)
    const now = performance.eventLoopUtilization()
    last = {
      at: performance.now(),
      p50: late(delays.percentile(50)),
      p99: late(delays.percentile(99)),
      max: late(delays.max),
      utilization: performance.eventLoopUtilization(now, loop).utilization,
    }
    loop = now
    delays.reset()
    return last
  }
  onCollect(observe => {
    const { utilization, ...late } = read()
    for (const quantile of ['p50', 'p99', 'max'] as const)
      observe(shapes.eventLoopDelay, late[quantile], { [a.quantile]: quantile })
    observe(shapes.eventLoopUtilization, utilization)
    const { rss, heapUsed } = process.memoryUsage()
    observe(shapes.memory, rss, { [a.memoryKind]: 'rss' })
    observe(shapes.memory, heapUsed, { [a.memoryKind]: 'heap_used' })
    observe(shapes.memory, getHeapStatistics().heap_size_limit, { [a.memoryKind]: 'heap_limit' })
    const { user, system } = process.cpuUsage()
    observe(shapes.cpu, user / 1e6, { [a.cpuMode]: 'user' })
    observe(shapes.cpu, system / 1e6, { [a.cpuMode]: 'system' })
    const [open, limit] = [openDescriptors(), descriptorLimit()]
    if (open !== null) observe(shapes.openDescriptors, open)
    if (limit !== null) observe(shapes.descriptorLimit, limit)
    observe(shapes.uptime, process.uptime())
  })
}
