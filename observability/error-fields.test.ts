import test from 'ava'
import { Failure } from '../src/domain/failure.ts'
import { errorFields } from './error-fields.ts'

const person = 'Liesel Meminger'
const refused = Object.assign(new Error(`Document failed validation: ${person}\n${person}`), {
  name: 'MongoServerError',
  code: 13,
  codeName: 'Unauthorized',
  command: 'insert',
  collection: 'deliveries',
  errInfo: { document: person },
})

test('of an error of another system a line has class, codes, command, collection and place, and no message at any depth', t => {
  const failure = new Failure('ledger_unavailable', 'The delivery log cannot be reached.', {
    cause: new Error(person, { cause: refused }),
    internal: 'check that mongod runs',
  })
  const fields = errorFields(failure)
  t.like(fields, {
    name: 'Failure',
    code: 'ledger_unavailable',
    message: 'The delivery log cannot be reached.',
    internal: 'check that mongod runs',
    cause: {
      name: 'Error',
      message: 'Error',
      cause: {
        name: 'MongoServerError',
        message: 'MongoServerError 13 Unauthorized',
        code: 13,
        codeName: 'Unauthorized',
        command: 'insert',
        collection: 'deliveries',
      },
    },
  })
  t.regex(fields.stack ?? '', /error-fields\.test\.ts/)
  t.false(JSON.stringify(fields).includes('Liesel'))
})

test('what the engine says of our code is shown, and a thrown value only by its type', t => {
  t.like(errorFields(new TypeError('x is not a function')), { message: 'TypeError: x is not a function' })
  t.like(errorFields(Object.assign(new TypeError(person), { code: 'ERR_INVALID_URL' })), {
    message: 'TypeError ERR_INVALID_URL',
  })
  t.deepEqual(errorFields(person), { name: 'string', message: 'string' })
})

test('causes that go in a circle end', t => {
  const error: Error & { cause?: unknown } = new Error('a')
  error.cause = error
  t.is(errorFields(error).cause?.cause?.cause?.cause, undefined)
})
