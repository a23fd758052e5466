import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startExporting } from './exporting.ts'
import { round } from './figures.ts'
import { flameGraph } from './flame-graph.ts'
import { type CpuProfile, inspected, profiled } from './inspector.ts'
import { post, subscribe } from './poster.ts'
import { startReceiver } from './receivers.ts'

const events = 10_000

/** Profiles the service's CPU during a warm burst: a table by package, and a flame graph in docs/images/. */
export const profile = async (): Promise<void> => {
  const system = await startExporting({ DOORBELL_SYNC: 'interval', ...inspected })
  const receiver = await startReceiver()
  const burst = async (prefix: string) => {
    const arriving = receiver.arrived(events)
    await post(system, { prefix, count: events })
    await arriving
  }
  try {
    await subscribe(system, receiver.url)
    await burst('warm')
    const found = await profiled(system.inspectorUrl, () => burst('evt'))
    await writeFile(join(import.meta.dirname, 'results/burst.cpuprofile'), JSON.stringify(found))
    await writeFile(join(import.meta.dirname, '../docs/images/flame-graph.svg'), flameGraph(found))
    process.stdout.write(`\nprofile: µs per event of the service's own thread, by package\n`)
    console.table(byPackage(found))
  } finally {
    receiver.stop()
    await system.stop()
  }
}

/** Returns the self time per event of each package or folder in µs, the largest first. */
const byPackage = ({ nodes, samples, timeDeltas }: CpuProfile): Record<string, number> => {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, packageOf(callFrame)]))
  const spentUs = new Map<string, number>()
  samples.forEach((id, n) => {
    const name = frames.get(id) ?? ''
    spentUs.set(name, (spentUs.get(name) ?? 0) + (timeDeltas[n] ?? 0))
  })
  const rows = [...spentUs].toSorted(([, a], [, b]) => b - a).map(([name, us]) => [name, round(us / events)] as const)
  return Object.fromEntries(rows.slice(0, 40))
}

const packageOf = ({ url, functionName }: CpuProfile['nodes'][number]['callFrame']): string => {
  const installed = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (installed !== undefined) return installed
  const own = /\/((?:actors|src|observability|config)\/[^/]+)/.exec(url)?.[1]
  if (own !== undefined) return own
  return url === '' ? `V8: ${functionName}` : url
}
