import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { alerts } from '../../tools/dashboards/prometheus/alerts.ts'
import { rulesYaml } from '../../tools/dashboards/prometheus/rules.ts'
import { type AlertCase, alertCases } from './alert-cases.ts'
import { hasPromtool, promtool } from './promtool.ts'

const whenThereIsPromtool = hasPromtool() ? test : test.skip
const observability = join(import.meta.dirname, '../../observability')

whenThereIsPromtool('promtool accepts the rules', t => {
  const { ok, said } = promtool(['check', 'rules'], rulesYaml())
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

// Cases over days take longer steps.
for (const interval of new Set(alertCases.map(each => each.interval)))
  whenThereIsPromtool(
    `every alert fires when it should and is silent when it should not, in steps of ${interval}`,
    t => {
      const rules = join(observability, 'dashboards/prometheus/rules.yml')
      const tests = alertCases.filter(each => each.interval === interval).map(asTest)
      const { ok, said } = promtool(['test', 'rules'], { rule_files: [rules], evaluation_interval: interval, tests })
      t.true(ok, said)
    },
  )

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
