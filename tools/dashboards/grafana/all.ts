import { dataSourcesYaml, providersYaml } from './data-sources.ts'
import { mongodbDashboard } from './mongodb.ts'
import { natsDashboard } from './nats.ts'
import { serviceDashboard } from './service.ts'
import { subscriptionDashboard } from './subscription.ts'
import { tenantDashboard } from './tenant.ts'

export const dashboards = [
  serviceDashboard,
  subscriptionDashboard,
  tenantDashboard,
  natsDashboard,
  mongodbDashboard,
] as const

/** The files that Grafana is provisioned with, by their paths in the folder `provisioning`. */
export const provisioning = (): Record<string, string> => ({
  'datasources/doorbell.yml': dataSourcesYaml(),
  'dashboards/doorbell.yml': providersYaml(),
  ...Object.fromEntries(dashboards.map(each => [`doorbell/${each.uid}.json`, JSON.stringify(each)])),
})
