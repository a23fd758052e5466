import { stringify } from 'yaml'

/** The two data sources, by the ids that provisioning gives them. */
export const prometheus = { type: 'prometheus', uid: 'prometheus' } as const
export const jaeger = { type: 'jaeger', uid: 'jaeger' } as const

/** Grafana’s data sources. Grafana takes their addresses from its environment. */
export const dataSourcesYaml = (): string =>
  stringify({
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        ...prometheus,
        access: 'proxy',
        url: '${PROMETHEUS_URL}',
        isDefault: true,
        jsonData: { timeInterval: '15s', httpMethod: 'POST' },
      },
      { name: 'Jaeger', ...jaeger, access: 'proxy', url: '${JAEGER_URL}', jsonData: { nodeGraph: { enabled: true } } },
    ],
  })

/** Makes Grafana read the dashboards from the folder `doorbell`. */
export const providersYaml = (): string =>
  stringify({
    apiVersion: 1,
    providers: [
      {
        name: 'doorbell',
        folder: 'Doorbell',
        type: 'file',
        allowUiUpdates: false,
        options: { path: '/etc/grafana/provisioning/doorbell' },
      },
    ],
  })
