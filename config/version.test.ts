import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import { userAgent, version } from './version.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8')

test('receivers see the version of the package', t => {
  t.is(version, (JSON.parse(read('../package.json')) as { version: string }).version)
  t.is(userAgent, `Doorbell/${version}`)
})

test('a start on an older Node than 24.12 ends with code 1 and says which one is needed', t => {
  for (const [node, ends] of [
    ['22.99.0', true],
    ['24.11.9', true],
    ['24.12.0', false],
    ['25.0.0', false],
  ] as const) {
    const said: string[] = []
    const codes: number[] = []
    const stderr = { write: (text: string) => said.push(text) }
    const fake = { versions: { node }, version: `v${node}`, stderr, exit: (code: number) => codes.push(code) }
    runInNewContext(read('node-version.mjs'), { process: fake })
    t.deepEqual([codes, said.length], ends ? [[1], 1] : [[], 0], node)
    if (ends) t.regex(said[0] ?? '', new RegExp(`needs Node 24\\.12 or later, and this is v${node}`))
  }
})
