import { allSettings, groups } from './settings.ts'
import type { Setting } from './setting.ts'

const width = 110
const column = Math.max(...allSettings.map(({ name }) => name.length)) + 4

/** What `npm start -- --help` prints. */
export const helpText = (): string =>
  [
    'Doorbell delivers visitor check-ins as signed webhooks.',
    '',
    'Usage: npm start [-- --help]',
    '',
    'The settings are environment variables.',
    ...groups.flatMap(([heading, settings]) => ['', heading, ...Object.values(settings).flatMap(linesOf)]),
    '',
    'OpenTelemetry',
    ...described('OTEL_*', 'The standard variables, e.g. OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318.'),
  ].join('\n')

const linesOf = ({ name, meaning, accepts, defaultText }: Setting<unknown>): readonly string[] => {
  const values = accepts === undefined ? '' : `; accepts ${accepts}`
  return [...described(name, meaning), `${' '.repeat(column)}default: ${defaultText}${values}`]
}

/** A name and its text, wrapped in a column of its own. */
const described = (name: string, text: string): readonly string[] => {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart()
    if (longer.length <= width - column) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.map((line, index) => (index === 0 ? `  ${name}` : '').padEnd(column) + line)
}
