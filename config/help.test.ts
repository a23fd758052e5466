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

test('--help aligns all texts in one column, with space before it, and fits 110 characters', t => {
  const column = /^ {2}PORT +/.exec(lines.find(line => line.startsWith('  PORT ')) ?? '')?.[0].length ?? 0
  for (const line of lines.filter(each => each.startsWith('  '))) {
    t.is(line.slice(column - 2, column), '  ', line)
    t.regex(line.charAt(column), /\S/, line)
    t.true(line.length <= 110 || line.includes('default: '), line)
  }
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
