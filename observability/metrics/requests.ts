import { attributes as a, metricShapes as shapes } from '../names.ts'
import { histogram } from './instruments.ts'
import { labelsOf } from './labels.ts'

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

export interface Requested {
  readonly method: string
  /** Null when no route matched. */
  readonly route: string | null
  readonly status: number
}

/** Counts the API’s answers. */
export const createRequestMetrics = () => {
  const durations = histogram(shapes.requestDuration)
  const labels = labelsOf((key: string) => {
    const [method, status, route] = key.split(' ')
    return { [a.httpMethod]: method, [a.httpRoute]: route, [a.httpStatus]: status }
  })
  return {
    answered: ({ method, route, status }: Requested, tookMs: number): void => {
      const known = methods.has(method) ? method : '_OTHER'
      durations.record(tookMs / 1_000, labels(`${known} ${status} ${route ?? 'unmatched'}`))
    },
  }
}
