import { label } from '../prometheus/series.ts'

/** Links from a series to the dashboard of its subscription. */
export const toSubscription = [
  'This subscription',
  `/d/doorbell-subscription?var-tenant=\${__field.labels.${label('tenant')}}&var-subscription=\${__field.labels.${label('subscription')}}&\${__url_time_range}`,
] as const

export const toTenant = [
  'This tenant',
  `/d/doorbell-tenant?var-tenant=\${__field.labels.${label('tenant')}}&\${__url_time_range}`,
] as const

export const toNats = ['NATS', '/d/doorbell-nats?${__url_time_range}'] as const
export const toMongodb = ['MongoDB', '/d/doorbell-mongodb?${__url_time_range}'] as const
