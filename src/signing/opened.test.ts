import test from 'ava'
import { createOpened } from './opened.ts'

/** Opens texts, and keeps which. */
const counting = (capacity?: number) => {
  const opened: string[] = []
  let away = false
  const read = createOpened(
    async sealed => {
      opened.push(sealed)
      if (away) throw new Error('away')
      return `opened ${sealed}`
    },
    text => text.toUpperCase(),
    capacity,
  )
  return { opened, read, goAway: () => void (away = true), comeBack: () => void (away = false) }
}

test('a sealed text is decrypted once, also for calls at the same time', async t => {
  const { opened, read } = counting()
  t.deepEqual(await Promise.all([read('a'), read('a'), read('b')]), ['OPENED A', 'OPENED A', 'OPENED B'])
  t.is(await read('a'), 'OPENED A')
  t.deepEqual(opened, ['a', 'b'])
})

test('what could not be decrypted is tried again', async t => {
  const { opened, read, goAway, comeBack } = counting()
  goAway()
  await t.throwsAsync(read('a'), { message: 'away' })
  comeBack()
  t.is(await read('a'), 'OPENED A')
  t.is(opened.length, 2)
})

test('at its capacity the oldest text is dropped, and no other', async t => {
  const { opened, read } = counting(2)
  for (const sealed of ['a', 'b', 'a', 'b', 'c', 'b', 'c', 'a']) await read(sealed)
  t.deepEqual(opened, ['a', 'b', 'c', 'a'])
})

test('10,000 texts are kept', async t => {
  const { opened, read } = counting()
  const all = Array.from({ length: 10_001 }, (_, index) => String(index))
  await Promise.all(all.map(read))
  await Promise.all(all.slice(1).map(read))
  t.is(opened.length, 10_001)
  await read('0')
  t.is(opened.length, 10_002)
})
