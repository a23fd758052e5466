import { attributeShapes } from './catalogue/attributes.ts'
import { backlogMetrics } from './catalogue/backlog-metrics.ts'
import { deliveryMetrics } from './catalogue/delivery-metrics.ts'
import { processMetrics } from './catalogue/process-metrics.ts'
import { serverMetrics } from './catalogue/server-metrics.ts'
import { namesOf } from './catalogue/shapes.ts'
import { spanShapes } from './catalogue/spans.ts'
import { subscriptionMetrics } from './catalogue/subscription-metrics.ts'

/**
 * Every span name, attribute and metric of Doorbell, from the tables of `catalogue/`, which docs/telemetry.md shows. They follow the
 * OpenTelemetry semantic conventions 1.44 for messaging, HTTP, databases and processes.
 */
export const metricShapes = {
  ...deliveryMetrics,
  ...backlogMetrics,
  ...subscriptionMetrics,
  ...serverMetrics,
  ...processMetrics,
} as const

export const attributes = namesOf(attributeShapes)

export const spanNames = {
  /** SERVER: one request to the REST API, e.g. `POST /v1/tenants/{tenant}/events`. */
  request: (method: string, route: string) => `${method} ${route}`,
  ...namesOf(spanShapes),
} as const

export { attributeShapes, spanShapes }
