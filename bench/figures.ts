import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { cpuMs, peakMiB } from './processes.ts'
import type { BenchSystem } from './system.ts'

export const round = (value: number): number => Math.round(value * 100) / 100

/** Creates a histogram of times in µs, up to ten minutes. */
export const histogram = (): RecordableHistogram => createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 })

/** Returns percentiles in ms of a histogram in µs. */
export const percentiles = (name: string, values: RecordableHistogram, which: readonly number[] = [50, 95, 99]) =>
  Object.fromEntries(which.map(p => [`${name} p${p} ms`, round(values.percentile(p) / 1_000)]))

/** Returns a histogram of the times from posting to arrival, in µs. An arrival is named by its event's id and a path. */
export const ways = (arrivals: readonly (readonly [string, number])[], postedAt: ReadonlyMap<string, number>) => {
  const found = histogram()
  for (const [name, at] of arrivals) {
    const posted = postedAt.get(name.slice(0, name.indexOf('/')))
    if (posted !== undefined) found.record(Math.max(1, Math.round((at - posted) * 1_000)))
  }
  return found
}

/** Measures the CPU that each process has used (ms), and its peak memory (MiB). */
export const usage = async ({ pids }: BenchSystem) => {
  const of = async (measureOne: (pid: number) => Promise<number>): Promise<Record<string, number>> =>
    Object.fromEntries(
      await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await measureOne(pid)] as const)),
    )
  return { cpu: await of(cpuMs), memory: await of(peakMiB) }
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Arranges results as a table with one line for each figure and one column for each result. */
export const transposed = (results: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => {
  const figures = [...new Set(Object.values(results).flatMap(result => Object.keys(result)))]
  return Object.fromEntries(
    figures.map(figure => [
      figure,
      Object.fromEntries(Object.entries(results).map(([name, result]) => [name, result[figure]])),
    ]),
  )
}

export const keep = async (name: string, result: object): Promise<void> => {
  const folder = join(import.meta.dirname, 'results')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  const before = await readFile(file, 'utf8').catch(() => null)
  if (before !== null) compare(JSON.parse(before) as object, result)
  const text = JSON.stringify({ at: new Date().toISOString(), ...result }, null, 2)
  await writeFile(file, `${text}\n`)
}

/** Prints each figure as a ratio to the stored run's. Machines differ and are noisy, so only a large difference is significant. */
const compare = (before: object, now: object): void => {
  const known = new Map(figuresOf(before))
  const ratios = figuresOf(now).flatMap(([name, value]) => {
    const kept = known.get(name)
    return kept === undefined || kept === 0 ? [] : [[name, round(value / kept)] as const]
  })
  process.stdout.write('\nas ratios to the kept run\n')
  console.table(Object.fromEntries(ratios))
}

const figuresOf = (value: unknown, path: readonly string[] = []): (readonly [string, number])[] => {
  if (typeof value === 'number') return [[path.join(' › '), value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => figuresOf(inner, [...path, name]))
}
