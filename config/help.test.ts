import test from 'ava'
import { helpText } from './help.ts'
import { loadSettings } from './load.ts'
import { allSettings, groups } from './settings.ts'

const lines = helpText().split('\n')

test('--help lists every setting under its heading, with its default', t => {
  for (const [heading, settings] of groups) {
    const from = lines.indexOf(heading)
    const section = lines.slice(from + 1, lines.indexOf('', from))
    t.deepEqual(
      section.flatMap(line => /^ {2}(\w+)/.exec(line)?.[1] ?? []),
      Object.values(settings).map(({ name }) => name),
    )
    t.deepEqual(
      section.flatMap(line => /^ +default: (.+?)(?:; accepts .+)?$/.exec(line)?.[1] ?? []),
      Object.values(settings).map(({ defaultText }) => defaultText),
    )
  }
})

/** The meaning and the last line of each setting, without the space that aligns them. */
const entries = new Map(
  helpText()
    .split(/\n(?= {2}\w)|\n\n/)
    .flatMap(entry => {
      const [, name = '', rest = ''] = /^ {2}(\S+)\s+([^]+)$/.exec(entry) ?? []
      const words = rest.split('\n').map(line => line.trim())
      return name === '' ? [] : [[name, { meaning: words.slice(0, -1).join(' '), last: words.at(-1) }] as const]
    }),
)

test('--help has the whole meaning of each setting, and then its default and what it accepts', t => {
  for (const { name, meaning, defaultText, accepts } of allSettings) {
    const last = `default: ${defaultText}${accepts === undefined ? '' : `; accepts ${accepts}`}`
    t.deepEqual(entries.get(name), { meaning, last })
  }
  t.deepEqual(entries.get('OTEL_*'), {
    meaning: 'The standard variables, e.g.',
    last: 'OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318.',
  })
  t.deepEqual(lines.slice(0, 6), [
    'Doorbell delivers visitor check-ins as signed webhooks.',
    '',
    'Usage: npm start [-- --help]',
    '',
    'The settings are environment variables.',
    '',
  ])
})

test('--help aligns all texts in one column, with space before it, and fits 110 characters', t => {
  const column = /^ {2}PORT +/.exec(lines.find(line => line.startsWith('  PORT ')) ?? '')?.[0].length ?? 0
  for (const line of lines.filter(each => each.startsWith('  '))) {
    t.is(line.slice(column - 2, column), '  ', line)
    t.regex(line.charAt(column), /\S/, line)
    t.true(line.length <= 110 || line.includes('default: '), line)
  }
  // Two spaces stand before the longest name and two after it, and no line is broken too early.
  t.is(column, 2 + Math.max(...allSettings.map(({ name }) => name.length)) + 2)
  t.is(Math.max(...lines.filter(line => !line.includes('default: ')).map(line => line.length)), 110)
})

test('a printed default is the one that applies', t => {
  const shown = (name: string) => allSettings.find(each => each.name === name)?.defaultText
  const { port, workers, role, signingAlg, logRetentionDays, metricsHost, host } = loadSettings({})
  t.deepEqual(
    [port, workers, role, signingAlg, logRetentionDays].map(String),
    ['PORT', 'DOORBELL_WORKERS', 'DOORBELL_ROLE', 'DOORBELL_SIGNING_ALG', 'DOORBELL_LOG_RETENTION_DAYS'].map(shown),
  )
  t.is(shown('DOORBELL_METRICS_HOST'), 'HOST')
  t.is(metricsHost, host)
})
