import test from 'ava'
import { decodeTime } from 'ulid'
import { newEventId } from './event-id.ts'

const now = Date.parse('2026-03-02T09:00:00Z')

test('new ids differ, and ids of a later millisecond sort later', t => {
  const ids = Array.from({ length: 4_000 }, () => newEventId(now))
  t.is(new Set(ids).size, ids.length)
  t.true(ids.every(id => /^evt_[0-9A-HJKMNP-TV-Z]{26}$/.test(id)))
  t.true(ids.every(id => id < newEventId(now + 1)))
  t.is(decodeTime(newEventId(now).slice('evt_'.length)), now)
  // 80 bits of chance: each of the last 16 characters takes each of its 32 values.
  for (let at = 14; at < 30; at += 1) t.is(new Set(ids.map(id => id[at])).size, 32, `character ${at}`)
})
