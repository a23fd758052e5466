import { setImmediate } from 'node:timers/promises'
import type { ServiceProcess } from '../support/service-process.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The samples of one metric in Prometheus' text format, by its name there. */
export const samplesOf = (text: string, metric: string): Sample[] =>
  text.split('\n').flatMap(line => {
    const [, name, inner = '', value = ''] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name !== metric) return []
    const labels = [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', label = '']) => [key, label])
    return [{ labels: Object.fromEntries(labels), value: Number(value) }]
  })

export const sumOf = (samples: readonly Sample[]): number => samples.reduce((sum, { value }) => sum + value, 0)

/** The sum of a metric's samples that have these labels. */
export const valueOf = (text: string, metric: string, wanted: Readonly<Record<string, string>> = {}): number =>
  sumOf(
    samplesOf(text, metric).filter(({ labels }) =>
      Object.entries(wanted).every(([key, value]) => labels[key] === value),
    ),
  )

/** What a service's `/metrics` answers now; its greeting names the url. */
export const scrape = async ({ output }: Pick<ServiceProcess, 'output'>): Promise<string> => {
  for (;;) {
    const url = /^metrics +(\S+)$/m.exec(output())?.[1]
    if (url !== undefined) return (await fetch(url)).text()
    await setImmediate()
  }
}
