import test from 'ava'
import { fnv1a, partitionOf } from './partition.ts'

test('the hash is FNV-1a with 32 bits', t => {
  // draft-eastlake-fnv, appendix C.
  for (const [text, hash] of [
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ] as const)
    t.is(fnv1a(text), hash, text)
})

test('a tenant has one of the partitions', t => {
  t.is(partitionOf('a', 16), 0xe40c292c % 16)
  t.is(partitionOf('foobar', 7), 0xbf9cf968 % 7)
  t.is(partitionOf('acme', 1), 0)
})
