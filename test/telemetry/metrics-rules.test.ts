import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { alerts } from '../../observability/dashboards/prometheus/alerts.ts'
import { rulesYaml } from '../../observability/dashboards/prometheus/rules.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { hasPromtool, promtool } from './promtool.ts'

const whenThereIsPromtool = hasPromtool() ? test : test.skip
const observability = join(import.meta.dirname, '../../observability')

whenThereIsPromtool('promtool finds nothing wrong with the rules', t => {
  const { ok, said } = promtool(['check', 'rules'], rulesYaml())
  t.true(ok, said)
})

/** One case in the form of `promtool test rules`. */
const asTest = ({ alert, window, fires, why, interval, input, at }: AlertCase) => {
  const chosen = `alertname="${alert}",alertstate="firing"${window === undefined ? '' : `,window="${window}"`}`
  return {
    name: `${alert} ${window ?? ''} ${fires ? 'speaks' : 'is silent'}: ${why}`,
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

// Days are looked at in longer steps.
for (const interval of new Set(alertCases.map(each => each.interval)))
  whenThereIsPromtool(
    `every alert speaks when it should and is silent when it should not, in steps of ${interval}`,
    t => {
      const rules = join(observability, 'dashboards/prometheus/rules.yml')
      const tests = alertCases.filter(each => each.interval === interval).map(asTest)
      const { ok, said } = promtool(['test', 'rules'], { rule_files: [rules], evaluation_interval: interval, tests })
      t.true(ok, said)
    },
  )

test('there is a case for each alert in which it speaks, and one in which it does not', t => {
  for (const { alert, labels } of alerts)
    for (const fires of [true, false]) {
      const found = alertCases.some(
        each => each.alert === alert && each.fires === fires && each.window === labels['window'],
      )
      t.true(found, `${alert} ${labels['window'] ?? ''} ${fires}`)
    }
})

test('the runbook has a chapter for each alert', t => {
  const runbook = readFileSync(join(observability, 'README.md'), 'utf8')
  for (const { alert, annotations } of alerts) {
    t.true(runbook.includes(`\n### ${alert}\n`), alert)
    t.is(annotations.runbook_url, `observability/README.md#${alert.toLowerCase()}`)
  }
})
