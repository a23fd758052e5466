import type { ServiceProcess } from '../support/service-process.ts'
import { until } from '../support/until.ts'

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

type Greeting = Pick<ServiceProcess, 'output'>

/** From its greeting. `startProcess` waits only for the greeting’s first line. */
export const metricsUrlOf = async ({ output }: Greeting): Promise<string> =>
  (await until(() => /^metrics +(\S+)$/m.exec(output())?.[1])) ?? ''

/** What a service's `/metrics` answers now. */
export const scrape = async (service: Greeting): Promise<string> => (await fetch(await metricsUrlOf(service))).text()
