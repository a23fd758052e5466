import test from 'ava'
import { Failure } from '../src/domain/failure.ts'
import { loadSettings } from './load.ts'
import { allSettings } from './settings.ts'

const faultsOf = (environment: Record<string, string>) => {
  try {
    loadSettings(environment)
    return []
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid_settings') return error.faults
    throw error
  }
}

test('a setting is refused with its name, its value and what to write instead', t => {
  t.deepEqual(faultsOf({ DOORBELL_WORKERS: '33' }), [
    { pointer: 'DOORBELL_WORKERS', detail: '"33" must be a whole number from 1 to 32' },
  ])
  const error = t.throws(() => loadSettings({ DOORBELL_WORKERS: '33', PORT: 'x' }))
  t.deepEqual(error?.message.split('\n'), [
    'The settings are not valid:',
    '  PORT: "x" must be a whole number from 0 to 65535',
    '  DOORBELL_WORKERS: "33" must be a whole number from 1 to 32',
    'All settings: npm start -- --help',
  ])
})

test('a secret setting is refused without showing it', t => {
  const [fault] = faultsOf({ DOORBELL_ENCRYPTION_KEY: 'c2hvcnQ=' })
  t.is(fault?.pointer, 'DOORBELL_ENCRYPTION_KEY')
  t.false(fault?.detail.includes('c2hvcnQ='))
})

test('a URL is refused without showing its password', t => {
  const [fault] = faultsOf({ NATS_URL: 'http://door:secr@et@127.0.0.1:4222' })
  t.true(fault?.detail.startsWith('"http://***@127.0.0.1:4222"'))
})

test('a setting that is set to nothing has its default', t => {
  const empty = Object.fromEntries(allSettings.map(({ name }) => [name, '']))
  t.deepEqual(loadSettings(empty), loadSettings({}))
})

test('every fault is named at once', t => {
  t.deepEqual(
    faultsOf({ PORT: 'x', DOORBELL_SYNC: 'y' }).map(({ pointer }) => pointer),
    ['PORT', 'DOORBELL_SYNC'],
  )
})

test('an unknown DOORBELL_ setting is refused with the nearest name, whichever letter is missing', t => {
  const detailOf = (name: string) => faultsOf({ [name]: 'x' }).map(({ pointer, detail }) => `${pointer} ${detail}`)
  for (const { name } of allSettings)
    for (let at = 'DOORBELL_'.length; at < name.length && name.startsWith('DOORBELL_'); at += 1) {
      const typo = name.slice(0, at) + name.slice(at + 1)
      // The beginning of another name may mean that one.
      if (allSettings.some(other => other.name !== name && other.name.startsWith(typo))) continue
      const why = `is not a setting of Doorbell. Nearest: ${name}. Remove or correct it`
      t.deepEqual(detailOf(typo), [`${typo} ${why}`])
    }
  t.regex(detailOf('DOORBELL_DATADIR')[0] ?? '', /Nearest: DOORBELL_DATA_DIR\./)
})

test('variables of other programs and of tests are not refused', t => {
  t.deepEqual(faultsOf({ PATH: '/bin', MY_DOORBELL_PORT: '1', DOORBELL: 'x', DOORBELL_TEST_ANYTHING: 'x' }), [])
})
