import { stringify } from 'yaml'

/** The two data sources, by the ids that provisioning gives them. */
export const prometheus = { type: 'prometheus', uid: 'prometheus' } as const
export const jaeger = { type: 'jaeger', uid: 'jaeger' } as const

/** Grafana's provisioning: where figures and traces come from. The addresses are those of docker-compose.yml unless the environment says otherwise. */
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

/** Grafana's provisioning: dashboards are read from the folder beside. */
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
