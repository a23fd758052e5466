import test from 'ava'
import { page } from '../../test/support/documented-table.ts'
import { keepRetiredMs, publishAheadMs, signingAlgorithms, signsSince, usableAt } from './signing-key.ts'

test('a key is published 15 minutes before it signs and a week after, as receivers.md promises', t => {
  const text = page('docs/receivers.md')
  t.true(
    text.includes(
      'the next key is in the key set at least 15 minutes before it signs, and retired keys stay for a week',
    ),
  )
  t.is(publishAheadMs, 15 * 60_000)
  t.is(keepRetiredMs, 7 * 24 * 3_600_000)
  t.is(usableAt({ createdAt: 1_000 }), 1_000 + 15 * 60_000)
  t.true(text.includes(`algorithms ${signingAlgorithms.map(name => `\`${name}\``).join(' and ')} **and no other**`))
})

test('a key signs from the moment it became the current one, the first key from its creation', t => {
  t.is(signsSince({ createdAt: 1, currentSince: 5 }), 5)
  t.is(signsSince({ createdAt: 1 }), 1)
})
