import test from 'ava'
import { Type } from 'typebox'
import { answerWith } from './answer.ts'
import type { Operation } from './operation.ts'

const closed = { additionalProperties: false }
const schema = Type.Object({ a: Type.Integer() }, closed)
const answerOf = async (answers: Operation['answers'], handle: (context: { status: number }) => unknown) => {
  const context: { status: number; body?: unknown } = { status: 404 }
  await answerWith({ id: 'getIt', answers } as Operation, handle as never)(context as never, async () => undefined)
  return context
}

test('a call with one successful answer has its status, and of the body what the schema names', async t => {
  const answers = {
    202: { description: '', schema },
    503: { description: '', schema: Type.Object({ b: Type.Integer() }, closed) },
  }
  t.deepEqual(await answerOf(answers, () => ({ a: 1, b: 2 })), { status: 202, body: { a: 1 } })
  const busy = (context: { status: number }) => ((context.status = 503), { a: 1, b: 2 })
  t.deepEqual(await answerOf(answers, busy), { status: 503, body: { b: 2 } })
})

test('of several successful answers the handler chooses, and one that is not declared is a defect', async t => {
  const answers = { 200: { description: '', schema }, 201: { description: '' } }
  t.deepEqual(await answerOf(answers, context => ((context.status = 200), { a: 1, b: 2 })), {
    status: 200,
    body: { a: 1 },
  })
  t.deepEqual(await answerOf(answers, context => ((context.status = 201), 'a page')), { status: 201, body: 'a page' })
  await t.throwsAsync(
    answerOf(answers, () => ({ a: 1 })),
    { message: 'getIt does not declare its answer 404' },
  )
})

test('an answer without content has no body', async t => {
  t.deepEqual(await answerOf({ 204: { description: '' } }, () => undefined), { status: 204 })
})
