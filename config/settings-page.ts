import { groups } from './settings.ts'
import type { Setting } from './setting.ts'

/** The text of docs/settings.md. */
export const settingsPage = (): string =>
  [
    '# Settings',
    '',
    'Environment variables; `npm start -- --help` prints the same. Doorbell refuses to start with a value outside the accepted range, with an unknown',
    '`DOORBELL_*` variable, and with settings that contradict each other, and names all of them at once. A variable that is set to nothing has its default.',
    'Written by `npm run generate` from `config/settings.ts`.',
    ...groups.flatMap(([heading, settings]) => [
      '',
      `## ${heading}`,
      '',
      '| setting | what it is | accepts | default |',
      '|---|---|---|---|',
      ...Object.values(settings).map(rowOf),
    ]),
    '',
    '## OpenTelemetry',
    '',
    'The standard variables (`OTEL_*`), for example `OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318`.',
    '',
  ].join('\n')

const rowOf = ({ name, meaning, accepts = '', defaultText }: Setting<unknown>): string =>
  `| \`${name}\` | ${meaning} | ${accepts} | ${defaultText} |`
