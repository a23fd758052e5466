import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { provisioning } from './grafana/all.ts'
import { rulesYaml } from './prometheus/rules.ts'
import { telemetryPage } from './telemetry-page.ts'

const root = join(import.meta.dirname, '../..')

/** The files that `npm run generate` writes, by their paths in the repository. */
export const generated = async (): Promise<Record<string, string>> => {
  const texts: Record<string, string> = {
    'docs/telemetry.md': telemetryPage(),
    'observability/dashboards/prometheus/rules.yml': rulesYaml(),
    ...Object.fromEntries(
      Object.entries(provisioning()).map(([path, text]) => [
        `observability/dashboards/grafana/provisioning/${path}`,
        text,
      ]),
    ),
  }
  const formatted = Object.entries(texts).map(
    async ([path, text]) => [path, await tidy(join(root, path), text)] as const,
  )
  return Object.fromEntries(await Promise.all(formatted))
}

const tidy = async (filepath: string, text: string): Promise<string> =>
  filepath.endsWith('.md') ? text : format(text, { ...(await resolveConfig(filepath)), filepath })
