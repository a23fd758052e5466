import { mock } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { Failure } from '../domain/failure.ts'
import { complain, greet, type Greeting, reportProgress } from './greet.ts'

/** What this prints to the error output, without colours. */
const printed = (print: () => void): string => {
  let text = ''
  const write = mock.method(process.stderr, 'write', (part: string) => ((text += part), true))
  try {
    print()
  } finally {
    write.mock.restore()
  }
  return stripVTControlCharacters(text)
}
const greeting: Greeting = {
  settings: { role: 'all', publicUrl: null },
  url: 'http://here:3000',
  metricsUrl: null,
  generatedToken: null,
}

test.serial('a service says where everything is, and its token if it was generated', t => {
  const lines = (token: string, keySet = 'http://here:3000') => `Doorbell        http://here:3000/
API reference   http://here:3000/docs
event types     http://here:3000/v1/event-types
key set         ${keySet}/.well-known/jwks.json
operator token  ${token}
`
  t.is(
    printed(() => greet(greeting)),
    lines('as set in DOORBELL_ADMIN_TOKEN'),
  )
  const settings = { role: 'api', publicUrl: 'https://doorbell.test' } as const
  t.is(
    printed(() => greet({ ...greeting, settings, metricsUrl: 'http://here:9464/metrics', generatedToken: 'dba_1' })),
    `${lines('dba_1', 'https://doorbell.test')}metrics         http://here:9464/metrics\n`,
  )
})

test.serial('a worker says where its readiness and its metrics are', t => {
  const worker: Greeting = { ...greeting, settings: { role: 'worker', publicUrl: null } }
  const readiness = 'Doorbell worker, readiness at http://here:3000/readyz\n'
  t.is(
    printed(() => greet(worker)),
    readiness,
  )
  const metricsUrl = 'http://here:9464/metrics'
  t.is(
    printed(() => greet({ ...worker, metricsUrl })),
    `${readiness}Doorbell worker, metrics at ${metricsUrl}\n`,
  )
})

test.serial('a failure is printed as its message, which says what to do, and any other error with its stack', t => {
  t.is(
    printed(() => complain(new Failure('conflict', 'Port 3000 is in use.'))),
    'Port 3000 is in use.\n',
  )
  t.regex(
    printed(() => complain(new TypeError('a defect'))),
    /^TypeError: a defect\n +at /,
  )
  t.is(
    printed(() => complain('text')),
    'text\n',
  )
  t.is(
    printed(() => reportProgress('downloading')),
    'downloading\n',
  )
})
