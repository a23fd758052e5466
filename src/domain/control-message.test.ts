import test from 'ava'
import { eventTypes } from '../../config/event-types/index.ts'
import { configuredType, isControl, markType, readConfigured, writeConfigured } from './control-message.ts'

test('a message about a changed or deleted subscription is read as it was written; any other text is none', t => {
  for (const configured of [
    { id: 'sub_1', version: 7 },
    { id: 'sub_1', version: null },
  ])
    t.deepEqual(
      readConfigured(() => writeConfigured(configured)),
      configured,
    )
  for (const text of [
    '',
    'null',
    '7',
    '[]',
    '{}',
    '{"id":"sub_1"}',
    '{"id":7,"version":1}',
    '{"id":"sub_1","version":1.5}',
    '{"id":"sub_1","version":"1"}',
  ])
    t.is(
      readConfigured(() => text),
      null,
      text,
    )
  t.is(
    readConfigured(() => {
      throw new Error('not UTF-8')
    }),
    null,
  )
})

test('no event type is a control message', t => {
  t.true(isControl(configuredType))
  t.true(isControl(markType))
  t.true(eventTypes.length > 0)
  for (const { type } of eventTypes) t.false(isControl(type), type)
  t.false(isControl('visit.doorbell.x'))
})
