import test from 'ava'
import { namesToAsk, noSearch, parseSearchList } from './search-list.ts'

test('the last search or domain line counts, comments do not', t => {
  t.deepEqual(parseSearchList('domain one.example\nsearch two.example Three.Example. # four\n; search five'), {
    domains: ['two.example', 'three.example'],
    ndots: 1,
  })
  t.deepEqual(parseSearchList('search a\ndomain b\noptions edns0 ndots:2 ndots:40'), { domains: ['b'], ndots: 15 })
  t.deepEqual(parseSearchList(''), noSearch)
  t.deepEqual(parseSearchList('search .\noptions ndots:x'), noSearch)
})

test('a single label is searched for first, a name with dots is asked for as it is written first', t => {
  const list = { domains: ['shop.local', 'local'], ndots: 3 }
  t.deepEqual(namesToAsk('receiver', list), ['receiver.shop.local', 'receiver.local', 'receiver'])
  t.deepEqual(namesToAsk('a.b.c', list), ['a.b.c', 'a.b.c.shop.local', 'a.b.c.local'])
  t.deepEqual(namesToAsk('a.b.c.d', list), ['a.b.c.d'])
  t.deepEqual(namesToAsk('a.', list), ['a'])
  t.deepEqual(namesToAsk('receiver', noSearch), ['receiver'])
})
