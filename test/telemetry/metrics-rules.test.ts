import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse } from 'yaml'
import { alerts } from '../../tools/dashboards/prometheus/alerts.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { hasPromtool, promtool } from './promtool.ts'

const whenThereIsPromtool = hasPromtool() ? test : test.skip
const observability = join(import.meta.dirname, '../../observability')
const rules = readFileSync(join(observability, 'dashboards/prometheus/rules.yml'), 'utf8')

whenThereIsPromtool('promtool accepts the rules', t => {
  const { ok, said } = promtool(['check', 'rules'], { 'rules.yml': rules })
  t.true(ok, said)
})

/** A case in the format of `promtool test rules`. */
const asTest = ({ alert, window, fires, why, interval, input, at }: AlertCase) => {
  const chosen = `alertname="${alert}",alertstate="firing"${window === undefined ? '' : `,window="${window}"`}`
  return {
    name: `${alert} ${window ?? ''} ${fires ? 'fires' : 'is silent'}: ${why}`,
    interval,
    input_series: Object.entries(input).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{${chosen}})`,
        eval_time: at,
        exp_samples: fires ? [{ labels: '{}', value: 1 }] : [],
      },
    ],
  }
}

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Readonly<Record<string, string>>
}
const { groups } = parse(rules) as { groups: readonly { name: string; rules: readonly Rule[] }[] }

/**
 * An alert of the rule file with the rules that it reads, in their groups, evaluated at the steps of its case: all rules of each minute of
 * three days take most of the time.
 */
const rulesOf = ({ alert, window }: AlertCase): object => {
  const all = groups.flatMap(group => group.rules)
  const read = new Set(all.filter(rule => rule.alert === alert && rule.labels?.['window'] === window))
  // A set that grows while it is walked: what is read by a rule that is read.
  for (const { expr } of read)
    for (const rule of all) if (expr.includes(rule.record ?? `alertname="${rule.alert}"`)) read.add(rule)
  return { groups: groups.map(({ name, rules: inGroup }) => ({ name, rules: inGroup.filter(rule => read.has(rule)) })) }
}

whenThereIsPromtool('every alert fires when it should and is silent when it should not', t => {
  const tests: Record<string, object> = {}
  const beside: Record<string, object> = {}
  for (const [index, each] of alertCases.entries()) {
    beside[`rules-${index}.yml`] = rulesOf(each)
    // Cases over days take longer steps.
    tests[`test-${index}.yml`] = {
      rule_files: [`rules-${index}.yml`],
      evaluation_interval: each.interval,
      tests: [asTest(each)],
    }
  }
  const { ok, said } = promtool(['test', 'rules'], tests, beside)
  t.true(ok, said)
})

test('each alert has a case in which it fires and one in which it does not', t => {
  for (const { alert, labels } of alerts)
    for (const fires of [true, false]) {
      const found = alertCases.some(
        each => each.alert === alert && each.fires === fires && each.window === labels['window'],
      )
      t.true(found, `${alert} ${labels['window'] ?? ''} ${fires}`)
    }
})

test('the runbook has an entry for each alert', t => {
  const runbook = readFileSync(join(observability, 'README.md'), 'utf8')
  for (const { alert, annotations } of alerts) {
    t.true(runbook.includes(`\n### ${alert}\n`), alert)
    t.is(annotations.runbook_url, `observability/README.md#${alert.toLowerCase()}`)
  }
})
