import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { pythonPackages } from '../support/python-packages.ts'

const run = promisify(execFile)
const project = join(import.meta.dirname, '../..')
const packages = pythonPackages(join(import.meta.dirname, 'requirements.txt'))
const whenThereArePackages = packages === null ? test.skip : test

whenThereArePackages('hadolint finds no fault in the Dockerfile', async t => {
  await t.notThrowsAsync(run(join(packages ?? '', 'bin/hadolint'), [join(project, 'Dockerfile')]))
})
