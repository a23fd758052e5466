import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { groups, notForUsers } from './groups.ts'
import { brokenPromises, promisesPage } from './page.ts'
import { readReport } from './report.ts'

const output = `
  ✔ test › delivery › check-in › two tenants may use the same event id (1.2s)
  ✔ test › receivers › receiver-kit › adapters › a body that is *too* large is answered 413 (1m 2.5s)
  ✔ src › domain › retry › delays grow
  - [skip] test › deploy › image › the image is a whole service
  ✘ [fail]: test › api › edge › a request is answered
  ✔ test › telemetry › environment › OTEL_SDK_DISABLED does what the table says
  ✔ test › support › until › a test waits (12ms)
`
const report = readReport(output)

test('the report of a run has each test with its file, and without its time', t => {
  t.deepEqual(report.passed.slice(0, 3), [
    { file: 'test/delivery/check-in.test.ts', title: 'two tenants may use the same event id' },
    { file: 'test/receivers/receiver-kit/adapters.test.ts', title: 'a body that is *too* large is answered 413' },
    { file: 'src/domain/retry.test.ts', title: 'delays grow' },
  ])
  t.deepEqual(report.skipped, [{ file: 'test/deploy/image.test.ts', title: 'the image is a whole service' }])
  t.is(report.failed, 1)
})

test('the page has the promises to users that passed, in sections, and nothing else', t => {
  const [, ...sections] = promisesPage(report.passed).split(/^(?=## )/m)
  t.deepEqual(sections, [
    `## From a check-in to its receiver\n\n- Two tenants may use the same event id ([check-in](../test/delivery/check-in.test.ts))\n\n`,
    `## At the receiver\n\n- A body that is \\*too\\* large is answered 413 ([adapters](../test/receivers/receiver-kit/adapters.test.ts))\n`,
  ])
})

test('a promise is broken when its test is gone, has another title or failed, and not when a machine must skip it', t => {
  const page = promisesPage([
    ...report.passed,
    ...report.skipped,
    { file: 'test/api/edge.test.ts', title: 'a request is answered' },
  ])
  t.deepEqual(brokenPromises(page, report), ['- A request is answered ([edge](../test/api/edge.test.ts))'])
})

test('each folder of test/ is a section of the page or is about the repository', t => {
  const folders = readdirSync(join(import.meta.dirname, '../../test'), { withFileTypes: true })
  t.deepEqual(
    folders
      .filter(each => each.isDirectory())
      .map(({ name }) => name)
      .toSorted(),
    [...Object.keys(groups), ...notForUsers].toSorted(),
  )
})
