import test from 'ava'
import { createEventReader } from '../../src/intake/read-event.ts'
import { eventTypes } from './index.ts'

const reader = createEventReader(eventTypes)

for (const { type, sample } of eventTypes)
  test(`the sample of ${type} fits its schema`, t => {
    const text = JSON.stringify({ id: 'evt-1', type, visitId: 'visit-1', data: sample })
    t.notThrows(() => reader.message('acme', type, text, Date.now()))
  })
