import test from 'ava'
import { errorText } from './error-text.ts'
import { Failure } from './failure.ts'

const name = 'Liesel Meminger'
const parsed = (() => {
  try {
    return JSON.parse(name) as Error
  } catch (error) {
    return error
  }
})()

const cases: readonly [unknown, string][] = [
  [new Failure('not_found', 'There is no such event.'), 'not_found: There is no such event.'],
  [parsed, 'SyntaxError'],
  [new TypeError('x is not a function'), 'TypeError: x is not a function'],
  [Object.assign(new TypeError(name), { code: 'ERR_INVALID_URL' }), 'TypeError ERR_INVALID_URL'],
  [
    Object.assign(new Error(name), { name: 'MongoServerError', code: 121, codeName: 'Nope' }),
    'MongoServerError 121 Nope',
  ],
  [Object.assign(new Error(name), { code: 'ENOTFOUND', syscall: 'getaddrinfo' }), 'Error ENOTFOUND getaddrinfo'],
  [Object.assign(new Error(name), { code: '', codeName: null, syscall: {} }), 'Error'],
  [name, 'string'],
]

test('an error of another system is described by its class and codes; its message, which may be data, is not shown', t => {
  for (const [error, text] of cases) {
    t.is(errorText(error), text)
    t.false(errorText(error).includes('Liesel'))
  }
})
